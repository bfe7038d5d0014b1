/** The one table: a row a work, with its bar. */
import { type Contender, compare, type Measured, type RoundsOptions } from './rounds.ts';

/** The row must do at least `times` as much as the peer. */
export interface Bar {
  peer: string;
  times: number;
}

export interface Row {
  /** By which it is run: `npm run bench NAME`. */
  name: string;
  work: string;
  result: string;
  against: string;
  bar: string;
  /** Null where nothing is judged. */
  isMet: boolean | null;
}

const cells = ({ name, work, result, against, bar, isMet }: Row): readonly string[] => [
  name,
  work,
  result,
  against,
  bar,
  isMet === null ? '' : isMet ? 'met' : '**missed**',
];

/** Judged rows come first, the rest below. */
export const tableOf = (rows: readonly Row[]): string => {
  const head = ['row', 'work', 'ours', 'others, in the same rounds', 'bar', ''];
  const sorted = [...rows.filter(({ isMet }) => isMet !== null), ...rows.filter(({ isMet }) => isMet === null)];
  return [head, head.map(() => '---'), ...sorted.map(cells)].map((line) => `| ${line.join(' | ')} |`).join('\n');
};

export const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const rate = ({ perSecond, spread }: Measured): string => `${number(perSecond)}/s ±${spread.toFixed(0)} %`;

/** Names what one row compares; the first contender is ours. */
export interface Comparison {
  name: string;
  work: string;
  contenders: readonly (Contender & { title?: string })[];
  connections: number;
  /** No bar, no mark. */
  bars?: readonly Bar[];
}

/** Times of ours in what each other contender did, by name: the median of what each round shows. */
export const timesOf = (measured: ReadonlyMap<string, Measured>, ours: string): ReadonlyMap<string, number> =>
  new Map([...measured.values()].map((one) => [one.name, measured.get(ours)!.timesOf(one)]));

/** Runs the rounds of one row. */
export const comparedRow = async (
  folder: string,
  { name, work, contenders, connections, bars = [] }: Comparison,
  options: RoundsOptions,
): Promise<Row> => {
  const measured = await compare(folder, contenders, { ...options, connections });
  const [ours, ...others] = contenders;
  const times = timesOf(measured, ours!.name);
  const titleOf = (peer: string) => contenders.find((one) => one.name === peer)?.title ?? peer;
  return {
    name,
    work,
    result: rate(measured.get(ours!.name)!),
    against: others
      .map((one) => `${titleOf(one.name)} ${rate(measured.get(one.name)!)} (${times.get(one.name)!.toFixed(2)}×)`)
      .join('<br>'),
    bar: bars.map(({ peer, times: least }) => `≥ ${least} × ${titleOf(peer)}`).join(', '),
    isMet: bars.length === 0 ? null : bars.every(({ peer, times: least }) => times.get(peer)! >= least),
  };
};
