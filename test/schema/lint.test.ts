import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import plugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { type ASTNode, Kind, parse } from 'graphql';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = 'schema/subgraph.graphql';
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

const isFederations = (node: ASTNode): boolean => {
  const name = 'name' in node && node.name && 'value' in node.name ? node.name.value : '';
  if (node.kind === Kind.DIRECTIVE_DEFINITION) return name !== 'oneOf';
  return /^(_|federation__|link__)/.test(name);
};

/** Lines of what a federation server adds by itself. */
const federationLines = (sdl: string): ReadonlySet<number> => {
  const nodes = parse(sdl).definitions.flatMap((node): ASTNode[] =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION ? [node, ...(node.fields ?? [])] : [node],
  );
  return new Set(
    nodes.filter(isFederations).flatMap(({ loc }) => {
      const [first, last] = [loc!.startToken.line, loc!.endToken.line];
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    }),
  );
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
  const ignored = federationLines(sdl);
  return results.flatMap(({ messages }) =>
    messages.filter(({ line }) => !ignored.has(line)).map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`),
  );
};

test('the emitted SDL follows the rules of a schema and of Relay, and describes everything', async () => {
  assert.deepEqual(await complaintsAbout(emitted), []);
});

for (const [rule, from, to] of [
  ['naming-convention', '  vendorStatus: String', '  vendor_status: String'],
  ['require-description', '"Whom and what."', ''],
  ['no-unreachable-types', 'scalar _Any', '"Nobody asks for it."\nscalar Orphan\n\nscalar _Any'],
] as const) {
  test(`what breaks ${rule} is found`, async () => {
    const spoiled = emitted.replace('"""Whom and what."""', '"Whom and what."').replace(from, to);
    assert.ok((await complaintsAbout(spoiled)).some((line) => line.includes(`@graphql-eslint/${rule}`)));
  });
}
