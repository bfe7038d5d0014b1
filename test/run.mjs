/** `node --import tsx test/run.mjs LANE`: runs the files of a lane, three processes at a time, since most wait more than they work. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { grouped } from './groups.mjs';
import { lanes } from './lanes.mjs';
import { chromiumPath } from './support/browser.ts';
import reporter from './support/reporter.mjs';
import { postgresUrl, rabbitUrl } from './support/services.ts';

const name = process.argv[2] ?? 'default';
const lane = lanes[name];
if (!lane) throw new Error(`There is no lane "${name}"; there are ${Object.keys(lanes).join(', ')}.`);
// Of a process, which may run many files or install what it runs.
const timeout = 600_000;

/** Installs other people's suites from their own lockfile, without their scripts. */
const installSuites = () => {
  const installed = 'test/suites/node_modules/.installed-lock';
  const lock = readFileSync('test/suites/package-lock.json', 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
    cwd: 'test/suites',
    stdio: ['ignore', 2, 2],
  });
  if (status === 0) writeFileSync(installed, lock);
};

// Installs what is missing on the machine now, outside the time that a test may take; a test that still misses it says so.
if (name !== 'unit') {
  for (const need of [chromiumPath, postgresUrl, rabbitUrl, () => import('./http/media/sox.ts')])
    await Promise.try(need).catch(() => undefined);
}
if (name === 'long') installSuites();

// Other people's suites are outside the project's own tsconfig, whose decorators their fixtures need.
process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL('tsconfig.json', import.meta.url));
for (const [variable, value] of Object.entries(lane.environment)) process.env[variable] ??= value;

const { isolation, concurrency } = lane;
// The soak lasts as long as all others do, and leaves the machine to them.
const soak = lane.files.filter((file) => file.startsWith('test/soak/'));
const others = lane.files.filter((file) => !soak.includes(file));

const events = new PassThrough({ objectMode: true });
const runs = [];
if (soak.length > 0) runs.push(run({ files: soak, timeout }));
runs.push(run(isolation === 'none' ? { files: others, isolation } : { files: grouped(name, others), concurrency, timeout }));
for (const one of runs) {
  one.on('test:fail', () => {
    process.exitCode = 1;
  });
  one.pipe(events, { end: false });
}
events.compose(reporter).pipe(process.stdout);
await Promise.all(runs.map((one) => finished(one)));
events.end();
