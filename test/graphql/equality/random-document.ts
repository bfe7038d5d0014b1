/** Random valid documents over a schema, with the variables of one request. */
import {
  doTypesOverlap,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  specifiedRules,
  validate,
} from 'graphql';

/** Returns a whole number from 0 to `below` - 1. */
export type Pick = (below: number) => number;

export interface RandomRequest {
  query: string;
  variables: Record<string, unknown>;
  /** Which kinds of thing the document holds. */
  holds: ReadonlySet<string>;
}

const texts = ['', 'hq', 'QWdlbnQ6aHE6MQ', 'æøå “x”', '\\" \n', '7'];
const samples: Record<string, readonly unknown[]> = {
  Int: [0, 1, 3, 100, -1],
  Float: [0, 1.5, -2e3],
  Boolean: [true, false],
  String: texts,
  ID: texts,
  DateTime: ['2026-01-05T09:30:00Z', '2026-01-05T10:30:00+01:00'],
  Duration: ['PT5M', '-PT10S', 'P1D'],
  URL: ['https://example.com/a?b=c'],
};

export const randomRequest = (schema: GraphQLSchema, kind: 'query' | 'mutation' | 'subscription', pick: Pick): RandomRequest | null => {
  const holds = new Set<string>();
  const variables: Record<string, unknown> = {};
  const definitions: string[] = [];
  const fragments: { name: string; on: GraphQLCompositeType; text: string }[] = [];
  const used = new Map<string, number>();
  const aliases = new Map<string, string>();
  let fieldsLeft = 30;
  const chance = (percent: number) => pick(100) < percent;
  const oneOf = <T>(items: readonly T[]): T => items[pick(items.length)]!;

  const representation = () => {
    const type = oneOf(['Agent', 'Recording', 'Nobody']);
    return { __typename: type, sourceName: 'hq', externalId: String(pick(3)) };
  };

  const sample = (type: GraphQLNamedType): unknown => {
    if (isEnumType(type)) return oneOf(type.getValues()).name;
    if (type.name === '_Any') return representation();
    return oneOf(samples[type.name] ?? ['x']);
  };

  const fieldsOf = (type: GraphQLInputType): readonly GraphQLInputField[] => {
    if (!isInputObjectType(type)) return [];
    const fields = Object.values(type.getFields());
    if (type.isOneOf || type.astNode?.directives?.some(({ name }) => name.value === 'oneOf')) return [oneOf(fields)];
    return fields.filter((field) => (isNonNullType(field.type) && field.defaultValue === undefined) || chance(35));
  };

  /** As JSON, for the value of a variable. `wrong` lets a leaf be of the wrong type. */
  const json = (type: GraphQLInputType, depth: number, mayBeNull = true): unknown => {
    if (isNonNullType(type)) return json(type.ofType, depth, false);
    if (mayBeNull && (depth > 4 || chance(15))) {
      holds.add('null in a variable');
      return null;
    }
    if (chance(4)) {
      holds.add('a wrong value');
      return { nobody: 'asked' };
    }
    if (isListType(type)) return Array.from({ length: pick(3) }, () => json(type.ofType, depth + 1));
    if (isInputObjectType(type)) {
      const isOneOf = fieldsOf(type);
      return Object.fromEntries(isOneOf.map((field) => [field.name, json(field.type, depth + 1, !type.isOneOf)]));
    }
    return sample(type as GraphQLNamedType);
  };

  const print = (type: GraphQLInputType, value: unknown): string => {
    if (value === null) return 'null';
    if (isNonNullType(type)) return print(type.ofType, value);
    if (isListType(type)) return `[${(value as unknown[]).map((item) => print(type.ofType, item)).join(', ')}]`;
    if (isEnumType(type)) return String(value);
    if (getNamedType(type).name === '_Any') {
      const entries = Object.entries(value as object).map(([name, inner]) => `${name}: ${JSON.stringify(inner)}`);
      return `{${entries.join(', ')}}`;
    }
    return JSON.stringify(value);
  };

  /** Defines a variable that fits where `type` is wanted; `position` says whether the place has a default of its own. */
  const variable = (type: GraphQLInputType, hasDefault: boolean): string => {
    const name = `v${definitions.length}`;
    const inner = isNonNullType(type) ? type.ofType : type;
    const withDefault = chance(40) || (isNonNullType(type) && !hasDefault && chance(30));
    // A nullable variable may stand in a non-null place that has a default, or where it has one itself.
    const isNullable = isNonNullType(type) ? (hasDefault || withDefault) && chance(50) : chance(70);
    const declared = isNullable ? String(inner) : `${inner}!`;
    const literalOf = (one: GraphQLInputType): string => literal(one, 3, false);
    const mustNotBeNull = !isNullable || isNonNullType(type);
    const fallback = withDefault ? ` = ${mustNotBeNull ? literalOf(inner) : chance(20) ? 'null' : literalOf(inner)}` : '';
    definitions.push(`$${name}: ${declared}${fallback}`);
    if ((isNullable || withDefault) && chance(50)) holds.add(withDefault ? 'an absent variable with a default' : 'an absent variable');
    else variables[name] = isNullable && chance(20) ? null : json(inner, 0, false);
    return `$${name}`;
  };

  const literal = (type: GraphQLInputType, depth: number, variablesToo: boolean, hasDefault = false): string => {
    if (variablesToo && chance(depth === 0 ? 50 : 35) && getNamedType(type).name !== '_Any') {
      if (depth > 0) holds.add('a variable inside an input object or list');
      return variable(type, hasDefault);
    }
    if (isNonNullType(type)) return notNull(type.ofType, depth, variablesToo);
    return chance(10) ? 'null' : notNull(type, depth, variablesToo);
  };

  const notNull = (type: GraphQLInputType, depth: number, variablesToo: boolean): string => {
    if (isNonNullType(type)) return notNull(type.ofType, depth, variablesToo);
    if (isListType(type)) {
      const items = Array.from({ length: depth > 4 ? 0 : pick(3) }, () => literal(type.ofType, depth + 1, variablesToo));
      return `[${items.join(', ')}]`;
    }
    if (isInputObjectType(type)) {
      const fields = fieldsOf(type).filter(({ type: inner }) => depth < 4 || isNonNullType(inner) || type.isOneOf);
      const given = fields.map((field) => {
        const text = type.isOneOf
          ? notNull(field.type, depth + 1, variablesToo)
          : literal(field.type, depth + 1, variablesToo, field.defaultValue !== undefined);
        return `${field.name}: ${text}`;
      });
      return `{${given.join(', ')}}`;
    }
    return print(type, sample(type as GraphQLNamedType));
  };

  const directive = (): string => {
    if (!chance(25)) return '';
    const name = oneOf(['include', 'skip']);
    holds.add('a directive');
    if (chance(30)) return ` @${name}(if: ${chance(50)})`;
    const id = `v${definitions.length}`;
    const withDefault = chance(50);
    definitions.push(`$${id}: Boolean!${withDefault ? ` = ${chance(50)}` : ''}`);
    if (!withDefault || chance(50)) variables[id] = chance(50);
    return ` @${name}(if: $${id})`;
  };

  const argumentsOf = (given: readonly GraphQLArgument[]): string => {
    const texts = given
      .filter((argument) => (isNonNullType(argument.type) && argument.defaultValue === undefined) || chance(45))
      .map((argument) => `${argument.name}: ${literal(argument.type, 0, true, argument.defaultValue !== undefined)}`);
    return texts.length === 0 ? '' : `(${texts.join(', ')})`;
  };

  const spread = (type: GraphQLCompositeType, depth: number): string => {
    const fitting = fragments.filter(({ on }) => doTypesOverlap(schema, on, type));
    if (fitting.length > 0 && chance(60)) {
      const { name } = oneOf(fitting);
      used.set(name, (used.get(name) ?? 0) + 1);
      if (used.get(name)! > 1) holds.add('a fragment used again');
      return `...${name}${directive()}`;
    }
    const candidates = Object.values(schema.getTypeMap()).filter(
      (other): other is GraphQLCompositeType =>
        isCompositeType(other) && !other.name.startsWith('__') && doTypesOverlap(schema, other, type),
    );
    const on = chance(40) ? type : oneOf(candidates);
    if (on !== type) holds.add('a spread on another type');
    const body = selections(on, depth + 1);
    if (chance(50)) return `...${chance(20) && on === type ? '' : ` on ${on.name}`}${directive()} ${body}`;
    const name = `F${fragments.length}`;
    fragments.push({ name, on, text: `fragment ${name} on ${on.name} ${body}` });
    used.set(name, 1);
    return `...${name}${directive()}`;
  };

  const field = (type: GraphQLCompositeType, depth: number, condition = directive): string | null => {
    if (isUnionType(type)) return null;
    const leavesOnly = depth > 5 || fieldsLeft <= 0;
    const all = Object.values(type.getFields()).filter((one) => !leavesOnly || !isCompositeType(getNamedType(one.type)));
    if (all.length === 0) return null;
    const chosen = oneOf(all);
    fieldsLeft -= 1;
    const named = getNamedType(chosen.type);
    if (isInterfaceType(named) || isUnionType(named)) holds.add('an abstract type');
    const given = argumentsOf(chosen.args);
    let alias = '';
    if (given !== '' || chance(15)) {
      // One alias for one field with the same arguments, so that repeated ones merge.
      const key = `${type.name}.${chosen.name}${given}`;
      if (aliases.has(key)) holds.add('merged fields with arguments');
      if (!aliases.has(key)) aliases.set(key, `a${aliases.size}`);
      alias = `${aliases.get(key)}: `;
    }
    return `${alias}${chosen.name}${given}${condition()}${isCompositeType(named) ? ` ${selections(named, depth + 1)}` : ''}`;
  };

  const selections = (type: GraphQLCompositeType, depth: number): string => {
    const chosen: string[] = [];
    const count = 1 + pick(depth === 0 ? 3 : 4);
    for (let index = 0; index < count; index += 1) {
      const text = fieldsLeft > 0 && depth < 6 && chance(30) ? spread(type, depth) : field(type, depth);
      if (text !== null) chosen.push(text);
    }
    if (chosen.length === 0 || chance(25)) chosen.push('__typename');
    if (chance(15)) chosen.push(oneOf(chosen));
    return `{ ${chosen.join(' ')} }`;
  };

  const root = schema.getRootType(kind as never)!;
  let body: string;
  if (kind === 'subscription') {
    const only = field(root, 0, () => '')!;
    body = chance(25) ? `{ ...Root }` : `{ ${only} }`;
    if (body === '{ ...Root }') {
      holds.add('a root field in a fragment');
      fragments.push({ name: 'Root', on: root, text: `fragment Root on ${root.name} { ${only} }` });
    }
  } else body = selections(root, 0);
  const head = definitions.length === 0 ? '' : `(${definitions.join(', ')})`;
  const query = [`${kind} Q${head} ${body}`, ...fragments.map(({ text }) => text)].join('\n');
  if (isObjectType(root) && validate(schema, parse(query), specifiedRules).length > 0) return null;
  return { query, variables, holds };
};
