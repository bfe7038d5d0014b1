import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

/** The built program. */
export const built = join(root, 'dist/tapegraph.js');

/** The latest change below a path; a folder changes when something in it comes or goes. */
const changedMs = (path: string): number => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, changedMs(join(path, name))), stats.mtimeMs);
};

/** Returns true if there is a build, and nothing that it is made of has changed since it began. */
export const isFresh = (): boolean => {
  if (!existsSync(built)) return false;
  const builtMs = statSync(built).mtimeMs;
  return ['src', 'package.json', 'package-lock.json', 'tsconfig.json'].every((name) => changedMs(join(root, name)) <= builtMs);
};
