/** Prices the fields of an operation: estimated from its variables, counted in its answer. */
import type { Size, Variables } from './cost-directives.ts';

export interface PricedField {
  responseName: string;
  /** Of the field itself: its `@cost`, or a scalar's. */
  weight: number;
  size: Size | null;
  /** One for each concrete type that the object may have; null for a scalar. */
  objects: readonly PricedObject[] | null;
}

interface PricedObject {
  /** The type's, unless the field has one of its own. */
  weight: number;
  fields: readonly PricedField[];
}

export const estimateOf = (among: readonly PricedField[], variables: Variables): number =>
  among.reduce((sum, { objects, size, weight }) => {
    const dearest = Math.max(0, ...(objects ?? []).map((object) => object.weight + estimateOf(object.fields, variables)));
    return sum + (size === null ? 1 : size(variables)) * (weight + dearest);
  }, 0);

/** Values of the answer: aliases of a scalar cost nothing, and each is one in every item of a list. */
export const valuesOf = (among: readonly PricedField[], variables: Variables): number =>
  among.reduce((sum, { objects, size }) => {
    const most = Math.max(0, ...(objects ?? []).map(({ fields }) => valuesOf(fields, variables)));
    return sum + (size === null ? 1 : size(variables)) * (1 + most);
  }, 0);

const ofValue = (field: PricedField, value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + ofValue(field, item), 0);
  if (value === null || value === undefined) return 0;
  // The concrete type is one of those whose fields the answer has.
  const fitting = (field.objects ?? []).filter(({ fields: each }) => each.every((child) => Object.hasOwn(value, child.responseName)));
  return field.weight + Math.max(0, ...fitting.map((object) => object.weight + ofObject(object.fields, value)));
};
export const ofObject = (among: readonly PricedField[], value: unknown): number =>
  among.reduce((sum, field) => sum + ofValue(field, (value as Record<string, unknown>)[field.responseName]), 0);

/** Goes down for as long as one field makes up half of the price above it. */
export const dearestOf = (among: readonly PricedField[], variables: Variables): readonly string[] => {
  const total = estimateOf(among, variables);
  const priced = among.map((field) => ({ field, price: estimateOf([field], variables) }));
  const top = priced.toSorted((left, right) => right.price - left.price)[0];
  if (!top || top.price * 2 < total) return [];
  const objects = top.field.objects ?? [];
  const below = objects.toSorted((left, right) => estimateOf(right.fields, variables) - estimateOf(left.fields, variables))[0];
  return [top.field.responseName, ...dearestOf(below?.fields ?? [], variables)];
};
