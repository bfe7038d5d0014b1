/**
 * Builds where something is newer than the last build. One process at a time does: another that starts meanwhile waits for it. It runs
 * on plain Node, so that a start pays some milliseconds for it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const built = join(root, 'dist/tapegraph.js');
const lock = join(root, '.build/lock');

/** The latest change below a path; a folder changes when something in it comes or goes. */
const changedMs = (path: string): number => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, changedMs(join(path, name))), stats.mtimeMs);
};

const isFresh = (): boolean => {
  if (!existsSync(built)) return false;
  const builtMs = statSync(built).mtimeMs;
  return ['src', 'package.json', 'package-lock.json', 'tsconfig.json'].every((name) => changedMs(join(root, name)) <= builtMs);
};

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
