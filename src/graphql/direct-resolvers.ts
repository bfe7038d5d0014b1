import { getMetadataStorage } from 'type-graphql';

type Resolve = (root: unknown, args: unknown, context: unknown, info: unknown) => unknown;
type Parameter = (root: unknown, context: object, info: unknown) => unknown;

interface ParameterMetadata {
  kind: string;
  index: number;
  propertyName?: string | undefined;
}

/** How a parameter of a resolver method is read; null for one that type-graphql converts or checks. */
const readerOf = ({ kind, propertyName }: ParameterMetadata): Parameter | null => {
  if (kind === 'info') return (_root, _context, info) => info;
  if (kind === 'root' && propertyName === undefined) return (root) => root;
  if (kind !== 'context') return null;
  return propertyName === undefined ? (_root, context) => context : (_root, context) => (context as Record<string, unknown>)[propertyName];
};

const directly = (target: object, method: string, readers: readonly Parameter[]): Resolve => {
  const work = (target as Record<string, (...values: unknown[]) => unknown>)[method]!.bind(target);
  const [first, second, third] = readers;
  if (!first) return () => work();
  if (!second) return (root, _args, context, info) => work(first(root, context as object, info));
  if (!third) return (root, _args, context, info) => work(first(root, context as object, info), second(root, context as object, info));
  return (root, _args, context, info) => work(...readers.map((read) => read(root, context as object, info)));
};

/**
 * By type and field: methods of these resolver classes that take no arguments, called without type-graphql's sorting and
 * converting of parameters, which a list pays once an item. Known only once the schema is built.
 */
export const directResolvers = (classes: readonly Function[]): ReadonlyMap<string, ReadonlyMap<string, Resolve>> => {
  const storage = getMetadataStorage();
  const instances = new Map<Function, object>();
  const found = new Map<string, Map<string, Resolve>>();
  for (const field of storage.fieldResolvers) {
    if (field.kind !== 'external' || !classes.includes(field.target) || field.middlewares?.length || field.roles) continue;
    const parameters = (field.params ?? []).toSorted((left, right) => left.index - right.index) as ParameterMetadata[];
    const readers = parameters.map(readerOf);
    if (readers.includes(null)) continue;
    const type = storage.objectTypes.find(({ target }) => target === field.getObjectType?.());
    if (!type) continue;
    const target = field.target as new () => object;
    const instance = instances.get(target) ?? new target();
    instances.set(target, instance);
    const fields = found.get(type.name) ?? new Map<string, Resolve>();
    found.set(type.name, fields.set(field.schemaName, directly(instance, field.methodName, readers as Parameter[])));
  }
  return found;
};
