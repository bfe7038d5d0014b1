/** Replaces every resolver of a schema by one whose answer follows from a seed, the way to the field and its arguments alone. */
import { createHash } from 'node:crypto';
import {
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { ExpectedError } from '../../../src/domain/model/errors.ts';

export interface SeededContext {
  seed: number;
  /** The arguments with which streams were opened. */
  opened: string[];
}

interface Row {
  __typename: string;
  tag: string;
  late: boolean;
}

const digest = (text: string): string => createHash('sha1').update(text).digest('hex');

/** Numbers that follow from a tag, one after another. */
const numbersOf = (tag: string) => {
  let index = 0;
  return (below: number): number => Number.parseInt(digest(`${tag} ${index++}`).slice(0, 8), 16) % below;
};

const failure = (number: number, where: string): Error =>
  [
    new Error(`a bug at ${where}`),
    new ExpectedError('VENDOR_TIMEOUT', `${where} was not answered.`),
    new ExpectedError('NOT_FOUND', `${where} is not there.`, { retryAfterSeconds: 3 }),
  ][number % 3]!;

const leaf = (name: string, next: (below: number) => number, label: string): unknown => {
  if (name === 'Int' || name === 'Duration') return next(1000);
  if (name === 'Float') return next(1000) / 7;
  if (name === 'Boolean') return next(2) === 1;
  if (name === 'DateTime') return `2026-01-0${1 + next(9)}T00:00:00.000Z`;
  return `${label} “${next(100)}”`;
};

export const answerAtRandom = (schema: GraphQLSchema): GraphQLSchema => {
  const produce = (type: GraphQLOutputType, tag: string, label: string): unknown => {
    const next = numbersOf(tag);
    const roll = next(100);
    if (isNonNullType(type))
      return roll < 2 ? Promise.resolve(null) : produceNotNull(type.ofType as GraphQLOutputType, tag, label, next, true);
    return roll < 15 ? null : produceNotNull(type, tag, label, next, false);
  };
  /**
   * Where `failsLate`, a failure is a promise: graphql-js 16 leaves the promises of a list's earlier items to nobody when a later one fails
   * at once in a non-null place, and Node ends the test for those that are rejected then.
   */
  const produceNotNull = (
    type: GraphQLOutputType,
    tag: string,
    label: string,
    next: (below: number) => number,
    failsLate: boolean,
  ): unknown => {
    const roll = next(100);
    if (roll < 2 && !failsLate) return failure(next(3), label);
    const value = (): unknown => {
      if (isListType(type)) return Array.from({ length: next(4) }, (_, index) => produce(type.ofType, `${tag} ${index}`, label));
      if (isEnumType(type)) return type.getValues()[next(type.getValues().length)]!.value;
      if (isObjectType(type)) return { __typename: type.name, tag, late: false };
      if (isInterfaceType(type) || isUnionType(type)) {
        const possible = schema.getPossibleTypes(type);
        const name = next(50) === 0 ? 'Nothing' : possible[next(possible.length)]!.name;
        return { __typename: name, tag, late: name === 'Nothing' || next(3) === 0 };
      }
      return leaf((type as { name: string }).name, next, label);
    };
    if (roll < 4) return Promise.reject(failure(next(3), label));
    return roll < 30 ? Promise.resolve(value()) : value();
  };

  const typeOf = ({ __typename, late }: Row) => (late ? Promise.resolve(__typename) : __typename);
  const subscription = schema.getSubscriptionType();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInterfaceType(type) || isUnionType(type)) type.resolveType = typeOf;
    if (!isObjectType(type)) continue;
    type.isTypeOf = undefined;
    for (const field of Object.values(type.getFields())) {
      if (type === subscription) {
        field.subscribe = (_root, args, { seed, opened }: SeededContext) => {
          opened.push(JSON.stringify(args));
          if (numbersOf(`${seed} subscribe`)(10) === 0) throw failure(seed, 'the stream');
          return (async function* () {
            for (const id of ['1', '2', '3'])
              yield { id: `${seed}:${id}`, snapshot: id === '2', gap: false, row: { tag: `${seed} ${id}` } };
          })();
        };
        field.resolve = ({ row }: { row: { tag: string } }) => produce(field.type, row.tag, field.name);
        continue;
      }
      field.resolve = (source: Partial<Row> | undefined, args, { seed }: SeededContext, { path }) => {
        const label = `${type.name}.${field.name}${JSON.stringify(args)}`;
        const tag = digest(`${source?.tag ?? seed} ${path.key} ${label}`);
        const next = numbersOf(`${tag} throws`);
        if (next(50) === 0 && !isNonNullType(field.type)) throw failure(next(3), label);
        return produce(field.type, tag, label);
      };
    }
  }
  return schema;
};
