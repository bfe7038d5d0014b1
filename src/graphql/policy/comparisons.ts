import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';
import { policyError } from './policy-error.ts';

/** Validation makes so many in a few milliseconds. A hundred names in an object, each selected ten times, need half as many. */
const maxComparisons = 10_000;

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Selections of one object of the answer. */
interface Selected {
  byResponseName: ReadonlyMap<string, readonly FieldNode[]>;
  /** How often fragments are spread. */
  spreads: number;
  /** Inline fragments among them, which circles would have read again at each level. */
  inlines: number;
}

/** Merges the selections as the answer does, and notes which fragments they use. */
const merge = (sets: readonly SelectionSetNode[], fragments: Fragments, used: Set<string>): Selected => {
  const byResponseName = new Map<string, FieldNode[]>();
  const entered = new Set<string>();
  let [spreads, inlines] = [0, 0];
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        inlines += 1;
        collect(selection.selectionSet);
      } else if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const same = byResponseName.get(name);
        if (same === undefined) byResponseName.set(name, [selection]);
        else same.push(selection);
      } else {
        spreads += 1;
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment === undefined || entered.has(name)) continue;
        entered.add(name);
        used.add(name);
        collect(fragment.selectionSet);
      }
    }
  };
  for (const set of sets) collect(set);
  return { byResponseName, spreads, inlines };
};

/** One, and each with each. */
const pairs = (count: number): number => (count * (count + 1)) / 2;

/** Lists, objects and what they hold, for as long as there are no more than `max`. */
const valuesIn = (value: ValueNode, max: number): number => {
  const inner = value.kind === Kind.LIST ? value.values : value.kind === Kind.OBJECT ? value.fields.map((field) => field.value) : [];
  let count = 1;
  for (const one of inner) if (count <= max) count += valuesIn(one, max - count);
  return count;
};

/** Comparisons of these fields of one name. Validation prints the arguments of both, which takes about as long again for each value in them. */
const comparisonsAmong = (nodes: readonly FieldNode[], max: number): number => {
  const count = pairs(nodes.length);
  if (nodes.length === 1 || count > max) return count;
  const values = nodes.map(({ arguments: given = [] }) => given.reduce((sum, { value }) => sum + valuesIn(value, max), 0));
  return count * (1 + Math.max(...values));
};

/** Only circles of fragments go deeper; validation says where they are. */
const maxLevels = 2000;

/** Counts those of one operation or fragment, but not many more than `max`. */
const comparisonsOf = (root: SelectionSetNode, fragments: Fragments, used: Set<string>, max: number): number => {
  const open: { sets: readonly SelectionSetNode[]; level: number }[] = [{ sets: [root], level: 0 }];
  let comparisons = 0;
  while (comparisons <= max) {
    const next = open.pop();
    if (next === undefined) break;
    const level = next.level + 1;
    const { byResponseName, spreads, inlines } = merge(next.sets, fragments, used);
    comparisons += pairs(spreads) + inlines;
    for (const nodes of byResponseName.values()) {
      comparisons += comparisonsAmong(nodes, max);
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0 && level < maxLevels) open.push({ sets: below, level });
    }
  }
  return comparisons;
};

/**
 * Refuses a document that selects so much under the same names that it would take long to find which of it cannot be merged, which validation does by
 * comparing each with each. Costs time in proportion to the limit at most, circles of fragments included.
 */
export const refuseComparisons = (document: DocumentNode): GraphQLError | null => {
  const fragments = fragmentsOf(document);
  const used = new Set<string>();
  let comparisons = 0;
  const count = (root: SelectionSetNode) => {
    if (comparisons <= maxComparisons) comparisons += comparisonsOf(root, fragments, used, maxComparisons - comparisons);
  };
  for (const definition of document.definitions) if (definition.kind === Kind.OPERATION_DEFINITION) count(definition.selectionSet);
  // One that no operation uses is compared as well, before validation says that it is unused.
  for (const [name, { selectionSet }] of fragments) if (!used.has(name)) count(selectionSet);
  if (comparisons <= maxComparisons) return null;
  const message = `The document selects the same fields or fragments too often: validation makes more than ${maxComparisons} comparisons. Merge them.`;
  return policyError('FIELD_LIMIT', message, { limit: maxComparisons });
};
