/** Tests that every type, field, argument and value of the schema has a description. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { type ASTNode, Kind, parse, type StringValueNode, visit } from 'graphql';

const sdl = readFileSync(new URL('../../schema/subgraph.graphql', import.meta.url), 'utf8');
const kinds = [
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.ENUM_VALUE_DEFINITION,
] as const;

/** Returns true for definitions of the federation and link specifications, which are described there, and for root types. */
const isForeign = (name: string): boolean => /^(federation__|link__|_)/.test(name) || ['Query', 'Mutation', 'Subscription'].includes(name);

it('every type, field, argument, enum value and input field has a description', () => {
  const bare: string[] = [];
  const path: string[] = [];
  let described = 0;
  visit(parse(sdl), {
    enter(node: ASTNode) {
      if (node.kind === Kind.DIRECTIVE_DEFINITION) return false;
      if (!(kinds as readonly string[]).includes(node.kind)) return;
      const { name, description } = node as { name: { value: string }; description?: StringValueNode };
      path.push(name.value);
      const where = path.join('.');
      if (/^(federation__|link__)/.test(where) || /^(Query\._|_)/.test(where) || isForeign(where)) return;
      described += 1;
      if (!description || description.value.trim().length < 5) bare.push(where);
    },
    leave(node: ASTNode) {
      if ((kinds as readonly string[]).includes(node.kind)) path.pop();
    },
  } as never);
  assert.deepEqual(bare, []);
  assert.ok(described > 400, `only ${described} were looked at`);
});

it('descriptions name an example where a reader would want one', () => {
  for (const example of ['PT5M', '2026-01-05T09:30:00Z', '`hq`', '`5003`', 'sip:lp1@company.local', 'audio/mpeg'])
    assert.ok(sdl.includes(example), example);
});
