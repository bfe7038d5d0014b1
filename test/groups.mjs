/** Test files that share a process. Loading the server costs most files more than their tests do. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** A process each: they measure the process, set its environment, or take long by themselves. */
const alone = [
  /^test\/[^/]+$/,
  /^test\/(faults|observability|servers|soak|suites|web)\//,
  /^test\/(domain\/.*properties|domain\/control\/whom-is-meant|federation\/gateway-command|security\/log-leaks)/,
  /^test\/http\/media\/memory\./,
  /^test\/vendors\/contract\./,
];

/** These would run for the tests of all files of a process. */
const hooks = /^(before|beforeEach|afterEach)\(/m;

const groupOf = (file) => {
  if (alone.some((pattern) => pattern.test(file)) || hooks.test(readFileSync(file, 'utf8'))) return null;
  const [, area, part] = file.split('/');
  return area === 'vendors' && !part.endsWith('.ts') ? `vendors-${part}` : area;
};

/** Begun first, so that the others fill in what is left of the time. */
const longest = [
  /^test\/(vendors\/contract|vendors\/tencent\/storm|suites\/gateways\/gateways|web\/(layout|alarms|playground|wallboard))\./,
  /^test\/(domain\/.*properties|federation|servers|faults|web|suites|http\/media)/,
  /\.mjs$|^test\/(security|observability)\/|^test\/(commands|store-commands|demo|documents|packaging)\./,
];
const rankOf = (path) => {
  const rank = longest.findIndex((pattern) => pattern.test(path));
  return rank === -1 ? longest.length : rank;
};

/** Paths of modules to run, one a process: files, and for each group a module that imports the group's files. */
export const grouped = (lane, files) => {
  const entries = `node_modules/.test-groups/${lane}`;
  rmSync(entries, { recursive: true, force: true });
  mkdirSync(entries, { recursive: true });
  const groups = Map.groupBy(files, (file) => groupOf(file) ?? file);
  const paths = [...groups].map(([name, members]) => {
    if (members.length === 1) return members[0];
    const entry = `${entries}/${name}.mjs`;
    writeFileSync(entry, members.map((file) => `await import(${JSON.stringify(pathToFileURL(file).href)});\n`).join(''));
    return entry;
  });
  return paths.sort((left, right) => rankOf(left) - rankOf(right));
};
