import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestContext } from 'node:test';

/** The built program. */
export const bundle = resolve(import.meta.dirname, '../../dist/tapegraph.js');
/** Why a test of the bundle does not run; false where there is a build. */
export const skipUnbuilt = existsSync(bundle) ? false : 'there is no build; npm run build makes it';

interface BundleOptions {
  cwd: string;
  program?: string;
  /** For Node, before the program. */
  nodeOptions?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** Starts the built server with these words behind `start`; killed with the test. `said` returns what it wrote to standard error. */
export const startBundle = async (test: TestContext, words: readonly string[], options: BundleOptions) => {
  const { cwd, program = bundle, nodeOptions = [], env = process.env } = options;
  const child = spawn(process.execPath, [...nodeOptions, program, 'start', ...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  test.after(() => child.kill('SIGKILL'));
  let [printed, text] = ['', ''];
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const url = await new Promise<string>((found, fail) => {
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const ready = /ready at (\S+)\n/.exec(printed);
      if (ready) found(ready[1]!);
    });
    child.once('exit', () => fail(new Error(text)));
  });
  return { child, url, said: () => text };
};
