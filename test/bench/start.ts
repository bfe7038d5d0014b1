/** The row of a start: what the production build takes to be ready, and to be there. */
import { median } from './load.ts';
import { startOurs } from './ours.ts';
import { residentBytes, rest } from './processes.ts';
import { rounds } from './rounds.ts';
import type { Row } from './table.ts';
import type { Vendor } from './vendor.ts';

export const startRows = async (folder: string, vendor: Vendor): Promise<Row[]> => {
  const readyMs: number[] = [];
  const megabytes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ours = await startOurs({ folder: `${folder}/start`, vendorUrl: vendor.url, maxStalenessSeconds: 86_400 });
    readyMs.push(ours.readyMs);
    await rest(3000);
    megabytes.push(residentBytes(ours.pid) / 1024 / 1024);
    await ours.stop();
  }
  return [
    {
      work: 'start to ready, and memory at rest, four sources',
      result: `${(median(readyMs) / 1000).toFixed(2)} s, ${median(megabytes).toFixed(0)} MB`,
      against: `${(Math.min(...readyMs) / 1000).toFixed(2)} to ${(Math.max(...readyMs) / 1000).toFixed(2)} s`,
      wanted: '≤ 1.0 s, ≤ 120 MB',
      reached: median(readyMs) <= 1000 && median(megabytes) <= 120,
    },
  ];
};
