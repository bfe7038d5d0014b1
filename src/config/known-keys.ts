import * as z from 'zod';

interface JsonSchema {
  properties?: Readonly<Record<string, JsonSchema>>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
}

/** The schema and the members of its unions. */
const members = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => (list ?? []).flatMap(members)),
];

const below = (schema: JsonSchema, step: PropertyKey): readonly JsonSchema[] => {
  if (typeof step === 'number') return schema.items ? members(schema.items) : [];
  const found = schema.properties?.[String(step)] ?? schema.additionalProperties;
  return typeof found === 'object' ? members(found) : [];
};

/** The keys that an object at `path` may have, whichever member of a union it is. */
export const knownKeys = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] => {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
  const found = path.reduce<readonly JsonSchema[]>((schemas, step) => schemas.flatMap((one) => below(one, step)), members(root));
  return [...new Set(found.flatMap(({ properties }) => Object.keys(properties ?? {})))];
};
