/** `npm run bench`: every row of the table, ours against the others in the same run. Takes some minutes and two cores. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { catalogueRows } from './catalogue.ts';
import { mediaRows } from './media.ts';
import { installPeers } from './peers.ts';
import { loadCore } from './processes.ts';
import { readRows } from './reads.ts';
import { startRows } from './start.ts';
import { streamRows } from './streams.ts';
import { type Row, tableOf } from './table.ts';
import { startVendor, type Vendor } from './vendor.ts';
import { wallboardRows } from './wallboard.ts';
import { writeRows } from './writes.ts';

const sections: Readonly<Record<string, (folder: string, vendor: Vendor) => Promise<Row[]>>> = {
  reads: readRows,
  writes: writeRows,
  streams: streamRows,
  media: mediaRows,
  start: startRows,
  catalogue: catalogueRows,
  wallboard: wallboardRows,
};

const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : Object.keys(sections);
const folder = mkdtempSync(`${tmpdir()}/tapegraph-bench-`);
// nginx gives up root's rights, and has to read here still.
chmodSync(folder, 0o755);
installPeers();
const vendor = await startVendor(`${folder}/vendor`, loadCore);
try {
  process.setMaxListeners(50);
  const rows: Row[] = [];
  const startedAt = performance.now();
  const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;
  for (const name of names) {
    const sectionAt = performance.now();
    rows.push(...(await sections[name]!(folder, vendor)));
    process.stderr.write(`${name}: ${seconds(sectionAt)}, ${seconds(startedAt)} in all\n`);
  }
  process.stdout.write(`${tableOf(rows)}\n`);
} finally {
  await vendor.stop();
  rmSync(folder, { recursive: true, force: true });
}
