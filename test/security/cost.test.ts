/** What the documentation asks for is well within the cost limit; lists within lists multiply. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'schema/operations');
const readme = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```graphql\n([\s\S]*?)```/g)].map(
  ([, text]) => ['README', text!] as const,
);
/** All but what a gateway is asked, which has its neighbours' fields too. */
const documented = [
  ...readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const),
  ...readme.filter(([, text]) => !text.includes('customer')),
];

it('every documented operation is admitted, at less than half of the limit', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  assert.ok(documented.length > 15);
  for (const [name, query] of documented) {
    const admission = policy.admit({ query });
    assert.ok(admission.admitted, `${name}: ${admission.admitted ? '' : admission.errors.map(({ message }) => message).join(' ')}`);
    assert.ok(admission.estimate < defaultLimits.cost / 2, `${name} costs ${admission.estimate}`);
  }
});

it('pages within pages cost their product, and too many are refused', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  const cost = (outer: number, inner: number) => {
    const admission = policy.admit({ query: `{ agents(first: ${outer}) { nodes { recordings(first: ${inner}) { nodes { id } } } } }` });
    return admission.admitted ? admission.estimate : admission.errors[0]!.extensions.code;
  };
  assert.equal(Number(cost(10, 40)) - Number(cost(10, 20)), 10 * 20);
  assert.equal(Number(cost(20, 20)) - Number(cost(10, 20)), Number(cost(10, 20)) - 1);
  assert.equal(cost(100, 100), 'COST_LIMIT');
});
