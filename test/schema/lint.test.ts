import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import plugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = 'schema/api.graphql';
const emitted = readFileSync(`${root}${path}`, 'utf8');

/** Rows of a page, values and answers are no things of their own: they have no id to be known by. */
const valueTypes = [
  ...[
    'BlackoutExposure',
    'BlackoutInterval',
    'BlackoutSuccess',
    'CallLeg',
    'Capability',
    'ControlSuccess',
    'RecordingMedia',
    'MetadataEntry',
    'PageInfo',
    'Problem',
  ],
  ...['SourceError', 'SourceHealth', 'AgentDevice', 'BlackoutWarningEntry', 'CallerAccess'],
];

const rules = {
  ...plugin.configs['flat/schema-recommended'].rules,
  ...plugin.configs['flat/schema-relay'].rules,
  // Every argument, field, input and value is described, not only types.
  '@graphql-eslint/require-description': [
    'error',
    {
      types: true,
      DirectiveDefinition: true,
      rootField: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      EnumValueDefinition: true,
    },
  ],
  // The parties of a call are called caller and called.
  '@graphql-eslint/no-typename-prefix': 'off',
  '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { types: valueTypes, suffixes: ['Connection', 'Edge'] } }],
  // Pages go forwards, and `nodes` spares clients the edges where they need no cursor.
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
};

const complaintsAbout = async (sdl: string): Promise<string[]> => {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.graphql'],
        languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: sdl } } },
        plugins: { '@graphql-eslint': plugin as never },
        rules: rules as never,
      },
    ],
  });
  const results = await eslint.lintText(sdl, { filePath: path });
  return results.flatMap(({ messages }) => messages.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`));
};

test('the emitted SDL follows the rules of a schema and of Relay, and describes everything', async () => {
  assert.deepEqual(await complaintsAbout(emitted), []);
});

for (const [rule, from, to] of [
  ['naming-convention', '  vendorStatus: String', '  vendor_status: String'],
  ['require-description', '"The agent and the recording."', ''],
  ['no-unreachable-types', 'scalar DateTime', 'scalar DateTime\n\n"Nobody asks for it."\nscalar Orphan'],
] as const) {
  test(`what breaks ${rule} is found`, async () => {
    const spoiled = emitted.replace('"""The agent and the recording."""', '"The agent and the recording."').replace(from, to);
    assert.ok((await complaintsAbout(spoiled)).some((line) => line.includes(`@graphql-eslint/${rule}`)));
  });
}
