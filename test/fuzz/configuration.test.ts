/** Tests that any configuration file yields a configuration or its faults; nothing else is thrown, and nothing hangs. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import fc from 'fast-check';
import { ConfigurationError, loadConfiguration } from '../../src/config/load.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { testFolder } from '../support/test-folder.ts';
import { fuzzRuns } from './runs.ts';

const folder = testFolder();
const file = join(folder, 'tapegraph.yaml');

const read = async (text: string): Promise<void> => {
  writeFileSync(file, text);
  try {
    await loadConfiguration(file, vendorModules, { SET: 'yes' });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    assert.ok(error.faults.length > 0);
  }
};

const word = fc.constantFrom(
  ...['SET', 'UNSET'].map((name) => `\${${name}}`),
  ...['server', 'auth', 'sources', 'apiKeys', 'mode', 'vendor', 'name', 'baseUrl', 'limits', 'uptivity', 'huawei', 'tencent', 'miralix'],
  ...[':', ': ', '- ', '\n', '\n  ', '\n    ', '{', '}', '[', ']', ',', '&a ', '*a', '!!map ', '!x ', '? ', '| ', '> ', '#', '"', "'"],
  ...[
    '${',
    '$${',
    '<<',
    '0x1',
    '1e999',
    '.nan',
    '~',
    'true',
    '__proto__',
    'constructor',
    '\u0000',
    '\ud800',
    '%YAML 1.1\n---\n',
    '---',
    '...',
  ],
);

it('words of YAML in any order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 60 }).map((words) => words.join('')),
      read,
    ),
    fuzzRuns(5),
  );
});

it('any value in the place of any setting', async () => {
  const source = (vendor: string) =>
    fc
      .dictionary(
        fc.constantFrom('name', 'baseUrl', 'auth', 'timeZone', 'agents', 'account', 'version', 'push', 'api', 'sdkAppId', 'circuit'),
        fc.anything(),
      )
      .map((rest) => ({ vendor, ...rest }));
  const document = fc.record(
    {
      server: fc.anything(),
      limits: fc.anything(),
      auth: fc.anything(),
      store: fc.anything(),
      sources: fc.oneof(fc.anything(), fc.array(fc.oneof(...vendorModules.map(({ type }) => source(type)), fc.anything()))),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(document, (value) =>
      read(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? ''),
    ),
    fuzzRuns(),
  );
});

it('aliases that unfold without end, and depths without end', async () => {
  const bomb = Array.from(
    { length: 12 },
    (_, level) =>
      `a${level}: &a${level} [${
        level === 0
          ? 'x'
          : Array(10)
              .fill(`*a${level - 1}`)
              .join(', ')
      }]`,
  );
  for (const text of [
    bomb.join('\n'),
    'sources: &a [*a]',
    'server: &a { host: *a }',
    '['.repeat(20_000),
    `${'{a: '.repeat(5000)}1${'}'.repeat(5000)}`,
  ])
    await read(text);
});
