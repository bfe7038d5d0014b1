/** Reads many rows in parts, so that what others want comes between. */
import type { ReadContext } from './context.ts';

/** Rows that are read and parsed within a few milliseconds. */
const maxRows = 200;

interface PartReader<R, T> {
  /** How many rows one request may ask for. */
  rowsOf(request: R): number;
  read(part: readonly R[]): Promise<readonly T[]>;
}

/** Reads `requests` in order, each part in a slice of the caller's. */
export const inParts = async <R, T>(
  { slices, principal }: Pick<ReadContext, 'slices' | 'principal'>,
  requests: readonly R[],
  { rowsOf, read }: PartReader<R, T>,
): Promise<readonly T[]> => {
  const answers: T[] = [];
  for (let from = 0, to = 0; from < requests.length; from = to) {
    let rows = 0;
    do {
      rows += rowsOf(requests[to]!);
      to += 1;
    } while (to < requests.length && rows + rowsOf(requests[to]!) <= maxRows);
    await slices.next(principal.name);
    answers.push(...(await read(requests.slice(from, to))));
  }
  return answers;
};

export const rowsOfPage = ({ first }: { first: number }): number => first + 1;
