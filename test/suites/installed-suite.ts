import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs `test/suites/<name>` by its own lockfile into a cache folder, together with its programs, and returns that folder. The packages
 * stay apart from the project's own, so that installing the project does not pay for them. Install scripts are not run: some download.
 */
export const installSuite = async (name: string): Promise<string> => {
  const source = fileURLToPath(new URL(`${name}/`, import.meta.url));
  const folder = fileURLToPath(new URL(`../../node_modules/.cache/suites/${name}/`, import.meta.url));
  const lock = 'package-lock.json';
  const isInstalled =
    [lock, 'node_modules/.package-lock.json'].every((file) => existsSync(join(folder, file))) &&
    readFileSync(join(folder, lock)).equals(readFileSync(join(source, lock)));
  mkdirSync(folder, { recursive: true });
  if (!isInstalled) {
    for (const file of ['package.json', lock, '.npmrc']) if (existsSync(join(source, file))) cpSync(join(source, file), join(folder, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  }
  cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith('.ts') && !path.endsWith(lock) });
  return folder;
};
