/** Test files that share a process, each as a suite of its own. Loading the server costs most files more than their tests do. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** A process each: they measure the process, set its environment, or take long by themselves. */
const alone = [
  /^test\/(servers|soak|suites)\//,
  /^test\/(domain\/.*properties|domain\/control\/whom-is-meant|federation\/gateway-command|security\/log-leaks)/,
  /^test\/(faults\/transport|http\/media\/memory|observability\/seeing|vendors\/contract|web\/(layout|many-agents|readme))\./,
  /^test\/(built-\w+|packaging|plugin)\./,
];

const groupOf = (file) => {
  if (alone.some((pattern) => pattern.test(file))) return null;
  const [, area, part] = file.split('/');
  if (part === undefined) return 'program';
  if (area === 'web') return /^(access-key|alarms|blackouts|control)\./.test(part) ? 'web-control' : area;
  return area === 'vendors' && !part.endsWith('.ts') ? `vendors-${part}` : area;
};

/** Begun first, so that the others fill in what is left of the time. */
const longest = [
  /web(-control)?\.mjs$|^test\/(vendors\/tencent\/storm|suites\/gateways\/gateways|web\/layout)\./,
  /(domain|faults|program|storage)\.mjs$|^test\/(domain\/.*properties|federation|servers|web|suites|http\/media|security|vendors\/contract)/,
  /\.mjs$|^test\/(observability|packaging)/,
];
const rankOf = (path) => {
  const rank = longest.findIndex((pattern) => pattern.test(path));
  return rank === -1 ? longest.length : rank;
};

/** Runs the hooks of a file around its own tests alone. */
const suiteOf = (file) => `suite(${JSON.stringify(file)}, async () => { await import(${JSON.stringify(pathToFileURL(file).href)}); });\n`;

/** Paths of modules to run, one a process: files, and for each group a module that imports the group's files. */
export const grouped = (lane, files) => {
  const entries = `node_modules/.test-groups/${lane}`;
  rmSync(entries, { recursive: true, force: true });
  mkdirSync(entries, { recursive: true });
  const groups = Map.groupBy(files, (file) => groupOf(file) ?? file);
  const paths = [...groups].map(([name, members]) => {
    if (members.length === 1) return members[0];
    const entry = `${entries}/${name}.mjs`;
    writeFileSync(entry, `import { suite } from 'node:test';\n${members.map(suiteOf).join('')}`);
    return entry;
  });
  return paths.sort((left, right) => rankOf(left) - rankOf(right));
};
