/**
 * Builds where something is newer than the last build. One process at a time does: another that starts meanwhile waits for it. It runs
 * on plain Node, so that a start pays some milliseconds for it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isFresh } from './fresh.ts';

const root = new URL('../..', import.meta.url).pathname;
const lock = join(root, '.build/lock');

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** False where another process that lives holds it. */
const takeLock = (): boolean => {
  mkdirSync(join(root, '.build'), { recursive: true });
  try {
    const file = openSync(lock, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const pid = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : '');
    if (pid > 0 && !isAlive(pid)) rmSync(lock, { force: true });
    return false;
  }
};

const tsx = join(root, 'node_modules/tsx');
if (!isFresh() && existsSync(tsx)) {
  while (!takeLock()) await new Promise((resolve) => setTimeout(resolve, 100));
  try {
    if (!isFresh()) {
      process.stderr.write('Building, since the sources are newer than the last build …\n');
      const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'src/build/build.ts')], {
        cwd: root,
        stdio: ['ignore', 2, 2],
      });
      process.exitCode = status ?? 1;
    }
  } finally {
    rmSync(lock, { force: true });
  }
}
