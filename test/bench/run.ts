/** `npm run bench`: every row of the table, ours against the others in the same run. Takes some minutes and two cores. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { installPackages } from '../support/packages.ts';
import { catalogueRows } from './catalogue.ts';
import { hostileNames, hostileRows } from './hostile.ts';
import { mediaRows } from './media.ts';
import { memoryRows } from './memory.ts';
import { type Bench, readOptions } from './options.ts';
import { installPeers } from './peers.ts';
import { loadCore } from './processes.ts';
import { readRows } from './reads.ts';
import { startRows } from './start.ts';
import { idleRows, streamRows } from './streams.ts';
import { type Row, tableOf } from './table.ts';
import { startVendor } from './vendor.ts';
import { wallboardRows } from './wallboard.ts';
import { writeRows } from './writes.ts';

interface Section {
  rows: readonly string[];
  run(bench: Bench): Promise<Row[]>;
  /** Runs only where its name is given. */
  isApart?: true;
}

const sections: readonly Section[] = [
  {
    rows: [
      'live-1',
      'live-32',
      'through-1',
      'through-32',
      'office-32',
      'entities-id',
      'entities-key',
      'shared-through-32',
      'shared-live-32',
      'shared-office-32',
      'shared-entities-32',
    ],
    run: readRows,
  },
  { rows: ['catalogue-sqlite', 'catalogue-postgres', 'pages-sqlite', 'pages-postgres'], run: catalogueRows },
  { rows: ['stream-same', 'stream-distinct'], run: streamRows },
  { rows: ['commands-sqlite', 'commands-postgres', 'pushes-sqlite', 'pushes-postgres'], run: writeRows },
  { rows: ['media'], run: mediaRows },
  { rows: ['start-npm', 'start-built'], run: startRows },
  { rows: ['idle-sockets'], run: idleRows, isApart: true },
  { rows: ['wallboard'], run: wallboardRows, isApart: true },
  { rows: ['memory-demo', 'memory-500'], run: memoryRows, isApart: true },
  { rows: hostileNames, run: hostileRows, isApart: true },
];

const root = new URL('../..', import.meta.url).pathname;
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Installs and builds what the rows need; throws with all that is still missing. */
const prepare = (against: string | null): void => {
  const programs = [
    ['nginx', 'nginx-light'],
    ['wrk', 'wrk'],
    ['taskset', 'util-linux'],
    ['npm', 'npm'],
  ] as const;
  const wanted = programs.filter(([program]) => !has(program)).map(([, name]) => name);
  if (wanted.length > 0) installPackages(wanted.filter((name) => name !== 'npm'));
  const missing = programs.filter(([program]) => !has(program)).map(([program, name]) => `${program} (package ${name})`);
  if (against !== null && !existsSync(`${against}/dist/tapegraph.js`)) missing.push(`${against}/dist/tapegraph.js (npm run build there)`);
  if (missing.length > 0) throw new Error(`npm run bench lacks ${missing.join(', ')}; install it and run again.`);
  execFileSync(process.execPath, ['src/build/if-stale.ts'], { cwd: root, stdio: 'inherit' });
  if (against === null) installPeers();
};

const options = readOptions();
const matches = (row: string, name: string) => row === name || row.startsWith(`${name}-`);
const all = sections.flatMap(({ rows }) => rows);
for (const name of options.wanted) {
  if (!all.some((row) => matches(row, name))) {
    process.stderr.write(`There is no row ${name}; the rows are ${all.join(', ')}.\n`);
    process.exit(1);
  }
}
const isChosen = (row: string, { isApart }: Section) =>
  options.wanted.length === 0 ? !isApart : options.wanted.some((name) => matches(row, name));
const chosen = new Set(sections.flatMap((section) => section.rows.filter((row) => isChosen(row, section))));

try {
  prepare(options.against);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
const folder = mkdtempSync(`${tmpdir()}/tapegraph-bench-`);
// nginx gives up root's rights, and has to read here still.
chmodSync(folder, 0o755);
const vendor = await startVendor(`${folder}/vendor`, loadCore);
try {
  process.setMaxListeners(100);
  const bench: Bench = { ...options, folder, vendor, isWanted: (row) => chosen.has(row) };
  const rows: Row[] = [];
  const startedAt = performance.now();
  const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;
  for (const section of sections) {
    const names = section.rows.filter((row) => chosen.has(row));
    if (names.length === 0) continue;
    const sectionAt = performance.now();
    rows.push(...(await section.run(bench)));
    process.stderr.write(`${names.join(', ')}: ${seconds(sectionAt)}, ${seconds(startedAt)} in all\n`);
  }
  process.stdout.write(`${tableOf(rows)}\n`);
} finally {
  await vendor.stop();
  rmSync(folder, { recursive: true, force: true });
}
