/** Tests that everything shipped has a licence that a product may carry, and is exactly what the lockfile names. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'node:test';

interface Locked {
  dev?: boolean;
  link?: boolean;
  license?: string;
  integrity?: string;
  resolved?: string;
}

const root = resolve(import.meta.dirname, '..');
const lock = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
const locked = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);

const permissive = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', '(MIT AND BSD-3-Clause)'];
/** Returns true for the packages that `@apollo/subgraph` needs. Their licence forbids to offer them as a service of its own; nobody does here. */
const excepted = (name: string, license: string | undefined): boolean =>
  /^@apollo\/federation-internals\b/.test(name) && license === 'Elastic-2.0';
const notices = resolve(root, 'dist/NOTICES.md');

it('every package that is installed or bundled has a licence that is allowed, and stands in the notices', () => {
  const installed = locked.filter(([, { dev }]) => !dev).map(([path, { license }]) => [path, license]);
  assert.ok(installed.length >= 3, `only ${installed.length} packages were found`);
  assert.ok(existsSync(notices), 'there is no build; npm run build makes it');
  const bundled = [...readFileSync(notices, 'utf8').matchAll(/^## (\S+ \S+)\n\nLicence: (.*)$/gm)].map(([, name, license]) => [
    name,
    license,
  ]);
  for (const name of ['@apollo/server', 'pino', 'undici'])
    assert.ok(
      bundled.some(([found]) => found!.startsWith(`${name} `)),
      name,
    );
  const others = [...installed, ...bundled].filter(([name, license]) => !permissive.includes(license ?? '') && !excepted(name!, license));
  assert.deepEqual(others, []);
});

it('every package is named with its hash, so that nothing else can be installed in its place', () => {
  const loose = locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path);
  assert.deepEqual(loose, []);
});
