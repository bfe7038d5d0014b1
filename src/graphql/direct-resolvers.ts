import { getMetadataStorage } from 'type-graphql';

type Resolve = (root: unknown, args: Readonly<Record<string, unknown>>, context: object, info: unknown) => unknown;

interface ParameterMetadata {
  kind: string;
  index: number;
  propertyName?: string | undefined;
  /** Of an argument. */
  name?: string;
}

/**
 * How a parameter of a resolver method is read; null for one of a kind that is not used here. An input object is handed on as it
 * was read: its class has nothing but fields.
 */
const readerOf = ({ kind, propertyName, name }: ParameterMetadata): Resolve | null => {
  if (kind === 'info') return (_root, _args, _context, info) => info;
  if (kind === 'root' && propertyName === undefined) return (root) => root;
  if (kind === 'arg') return (_root, args) => args[name!];
  if (kind !== 'context') return null;
  return propertyName === undefined
    ? (_root, _args, context) => context
    : (_root, _args, context) => (context as Record<string, unknown>)[propertyName];
};

const directly = (target: object, method: string, readers: readonly Resolve[]): Resolve => {
  const work = (target as Record<string, (...values: unknown[]) => unknown>)[method]!.bind(target);
  const [first, second, third] = readers;
  if (!first) return () => work();
  if (!second) return (root, args, context, info) => work(first(root, args, context, info));
  if (!third) return (root, args, context, info) => work(first(root, args, context, info), second(root, args, context, info));
  return (root, args, context, info) => work(...readers.map((read) => read(root, args, context, info)));
};

/**
 * By type and field: methods of these resolver classes, called without type-graphql's sorting and converting of parameters, which a
 * list pays once an item. Known only once the schema is built.
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
    found.set(type.name, fields.set(field.schemaName, directly(instance, field.methodName, readers as Resolve[])));
  }
  return found;
};
