/**
 * Runs every test file: three at a time, since most wait more than they work, and beside them the soak, which lasts as long as they do
 * and leaves the machine to them.
 */
import { globSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { chromiumPath } from './support/browser.ts';
import reporter from './support/reporter.mjs';
import { postgresUrl, rabbitUrl } from './support/services.ts';

// What is not on the machine is installed now, outside the time that a test may take; a test that still misses it says so.
const needed = [chromiumPath, postgresUrl, rabbitUrl, () => import('./http/media/sox.ts')];
for (const need of needed) await Promise.try(need).catch(() => undefined);

const soak = 'test/soak/soak.test.ts';
const others = globSync('test/**/*.test.ts', { exclude: ['**/node_modules/**', soak] }).sort();
const timeout = 240_000;

const events = new PassThrough({ objectMode: true });
const runs = [run({ files: [soak], timeout }), run({ files: others, concurrency: 3, timeout })];
for (const one of runs) {
  one.on('test:fail', () => {
    process.exitCode = 1;
  });
  one.pipe(events, { end: false });
}
events.compose(reporter).pipe(process.stdout);
await Promise.all(runs.map((one) => finished(one)));
events.end();
