/** Rows of a start: from the command to the line `ready at URL`, with npm and without. */
import { median } from './load.ts';
import type { Bench } from './options.ts';
import { configure, nodeFlags, root, serverFile } from './ours.ts';
import { residentBytes, rest, type Server, startServer } from './processes.ts';
import { number, type Row } from './table.ts';

interface StartRow {
  name: string;
  work: string;
  leastMs: number;
  start(checkout: string, config: string): Promise<Server>;
}

const rows: readonly StartRow[] = [
  {
    name: 'start-npm',
    work: '`npm start` in a built checkout, to ready, four sources',
    leastMs: 1500,
    start: (checkout, config) => startServer(['npm', 'start', '--', '--config', config], { cwd: checkout, isGroup: true }),
  },
  {
    name: 'start-built',
    work: 'the built server, to ready, four sources',
    leastMs: 600,
    start: (checkout, config) =>
      startServer([
        process.execPath,
        ...nodeFlags(),
        checkout === root ? serverFile : `${checkout}/dist/tapegraph.js`,
        'start',
        '--config',
        config,
      ]),
  },
];

export const startRows = async ({ folder, vendor, judged, against, isWanted }: Bench): Promise<Row[]> => {
  const config = configure({ folder: `${folder}/start`, vendorUrl: vendor.url, maxStalenessSeconds: 86_400 });
  const shown = (all: readonly number[]) =>
    `${number(median(all) / 1000, 2)} s (${number(Math.min(...all) / 1000, 2)} to ${number(Math.max(...all) / 1000, 2)})`;
  const measured: Row[] = [];
  for (const { name, work, leastMs, start } of rows.filter((row) => isWanted(row.name))) {
    const readyMs: Record<'ours' | 'other', number[]> = { ours: [], other: [] };
    const megabytes: number[] = [];
    for (let round = 0; round < judged.rounds; round += 1) {
      for (const [which, checkout] of Object.entries({ ours: root, ...(against === null ? {} : { other: against }) })) {
        const server = await start(checkout, config);
        readyMs[which as 'ours'].push(server.readyMs);
        if (name === 'start-built' && which === 'ours') {
          await rest(2000);
          megabytes.push(residentBytes(server.pid) / 1024 / 1024);
        }
        await server.stop();
      }
    }
    measured.push({
      name,
      work,
      result: `${shown(readyMs.ours)}${megabytes.length > 0 ? `, ${number(median(megabytes))} MB at rest` : ''}`,
      against: readyMs.other.length > 0 ? `the other build ${shown(readyMs.other)}` : '',
      bar: against === null ? `≤ ${leastMs / 1000} s` : '',
      isMet: against === null ? median(readyMs.ours) <= leastMs : null,
    });
  }
  return measured;
};
