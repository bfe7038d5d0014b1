import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testFolder } from '../support/test-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const released = readFileSync(`${root}schema/released.graphql`, 'utf8');

/** Returns what `graphql-inspector diff` prints for a change from the last release. */
const diff = (candidate: string) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${root}node_modules/@graphql-inspector/cli/cjs/index.js`, 'diff', 'schema/released.graphql', candidate],
    { cwd: root, encoding: 'utf8' },
  );
  return { status, text: `${stdout}${stderr}` };
};

/** The released SDL with one change. */
const changed = (context: TestContext, from: RegExp, to: string): string => {
  const folder = testFolder(context);
  const file = join(folder, 'candidate.graphql');
  const text = released.replace(from, to);
  assert.notEqual(text, released);
  writeFileSync(file, text);
  return file;
};

test('the schema breaks nothing that was released', () => {
  const { status, text } = diff('schema/api.graphql');
  assert.equal(status, 0, text);
});

test('a removed field fails', (context) => {
  const { status, text } = diff(changed(context, /\n {2}""".*"""\n {2}vendorStatus: String\n/, '\n'));
  assert.equal(status, 1);
  assert.match(text, /Field vendorStatus .*was removed from object type Agent/);
});

test('an argument that becomes required fails', (context) => {
  const { status, text } = diff(changed(context, /first: Int = 25/, 'first: Int!'));
  assert.equal(status, 1);
  assert.match(text, /first/);
});

test('an added field does not', (context) => {
  const { status } = diff(
    changed(context, /\n {2}vendorStatus: String\n/, '\n  vendorStatus: String\n\n  """New."""\n  another: String\n'),
  );
  assert.equal(status, 0);
});
