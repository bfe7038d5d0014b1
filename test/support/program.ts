import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { built, isFresh } from '../../src/build/fresh.ts';

/** Behind Node, runs `tapegraph` from any folder: as it is built, or from the sources where they are newer, which takes longer to load. */
export const tapegraphProgram: readonly string[] = isFresh()
  ? [built]
  : ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('../../src/cli/tapegraph.ts', import.meta.url))];

/** The vendor kit that the plug-ins of that program import, as a file's URL. */
export const programKit = new URL(isFresh() ? '../../dist/vendor-kit/index.js' : '../../src/vendors/kit/index.ts', import.meta.url).href;

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the program until it ends, or until `enough` of its output has come; then sends it a signal to end. */
export const runTapegraph = (
  words: readonly string[],
  enough?: (out: string) => boolean,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...tapegraphProgram, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      if (enough?.(out)) child.kill('SIGTERM');
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
