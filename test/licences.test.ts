/** What is shipped: under licences that a product may carry, and exactly what the lockfile names. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
const locked = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && !link);

const permissive = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', '(MIT AND BSD-3-Clause)'];
it('every package at run time has a licence that is allowed', () => {
  const runtime = locked.filter(([, { dev }]) => !dev);
  assert.ok(runtime.length > 50, `only ${runtime.length} packages were found`);
  const others = runtime
    .filter(([, { license }]) => !permissive.includes(license ?? ''))
    .map(([path, { license }]) => `${path}: ${license}`);
  assert.deepEqual(others, []);
});

it('every package is named with its hash, so that nothing else can be installed in its place', () => {
  const loose = locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path);
  assert.deepEqual(loose, []);
});
