/** The rows of the catalogue, as its own script measures them: pages of 10,000 recordings and of 1,000,000. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Row } from './table.ts';

const run = promisify(execFile);

/** A line of the script's tables: the page, its time in the small catalogue, in the large one, and how many times longer. */
const line = /'?([a-z][a-z, ]+?)'?\s*│\s*'([\d.]+)'\s*│\s*'([\d.]+)'\s*│\s*'([\d.]+)'/;

export const catalogueRows = async (): Promise<Row[]> => {
  const script = new URL('./catalogue.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script], { maxBuffer: 10_000_000 });
  return ['SQLite', 'PostgreSQL'].map((name): Row => {
    const table = stdout.slice(stdout.indexOf(`${name}:`)).split('\n\n')[0]!;
    const pages = table.split('\n').flatMap((text) => {
      const found = line.exec(text);
      return found ? [{ page: found[1]!, ms: Number(found[3]), times: Number(found[4]) }] : [];
    });
    if (pages.length === 0) throw new Error(`there is no table of ${name} in ${stdout}`);
    const slowest = pages.toSorted((left, right) => right.times - left.times)[0]!;
    return {
      work: `catalogue of 1,000,000 recordings, ${name}, against 10,000`,
      result: pages.map(({ page, ms, times }) => `${page} ${ms} ms (${times}×)`).join('<br>'),
      against: `most: ${slowest.page}`,
      wanted: 'flat to 3 ×',
      reached: slowest.times <= 3,
    };
  });
};
