/** The one policy layer, which every transport calls before it executes anything. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { refuseComparisons } from './comparisons.ts';
import { type Price, priceOperation, refuseCost } from './cost.ts';
import { createDocumentTexts, type GraphQLRequest, hasMoreLines } from './document-text.ts';
import { createIntrospectionLimit } from './introspection.ts';
import { createDocumentStore, createOperationStore } from './kept-documents.ts';
import type { Limits } from './limits.ts';
import { listsOf, type OperationLists, refuseLists } from './lists.ts';
import { policyError } from './policy-error.ts';
import { measureShape, refuseShape } from './shape.ts';
import { refuseConditionalRoot } from './subscription-root.ts';
import { refuseVariables } from './variables.ts';

/** An operation of a document, priced. */
interface Operation {
  document: DocumentNode;
  /** The document's text. */
  text: string;
  node: OperationDefinitionNode;
  /** As the request named it. */
  name: string | null;
  price: Price;
}

export type Admission =
  | { admitted: true; operation: Operation; variables: Readonly<Record<string, unknown>>; estimate: number }
  | { admitted: false; errors: readonly GraphQLError[] };

interface AdmissionOptions {
  schema: GraphQLSchema;
  limits: Limits;
  introspection: boolean;
  /** By hash; where it is given, nothing else is executed. */
  trustedDocuments?: ReadonlyMap<string, string> | undefined;
}

export interface Policy {
  /** Returns the errors that the text alone shows: an untrusted document, limits of its size and shape. Called before Apollo. */
  refuseText(request: GraphQLRequest): readonly GraphQLError[];
  /** Checks what needs the variables: lists, large values, the price. Returns the price; throws the limit that is broken. */
  requirePrice(document: DocumentNode, node: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): Estimate;
  /** All of it, with parsing and validation, for transports that Apollo does not serve. */
  admit(request: GraphQLRequest): Admission;
  /** The text that a request's hash names in the trusted documents. */
  trustedText(request: GraphQLRequest): string | null;
}

export interface Estimate {
  price: Price;
  estimate: number;
}

/** All that the policy knows of an operation before it has variables. */
interface Examined {
  document: DocumentNode;
  lists: OperationLists;
  fields: number;
  /** The error of one that is too large to price. */
  price: Price | GraphQLError;
}

interface KnownDocument {
  document: DocumentNode | null;
  /** Limits that the text breaks. */
  policyErrors: readonly GraphQLError[];
  /** Errors of its syntax; once it was validated, of its meaning. */
  errors: readonly GraphQLError[] | null;
}

/** Limits the errors looked for in one document; each costs time and discloses something of the schema. */
export const maxValidationErrors = 5;

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : { source: error.source ?? null, positions: error.positions ?? null }),
    extensions: { code, ...error.extensions },
  });

const priceOrError = (...operation: Parameters<typeof priceOperation>): Price | GraphQLError => {
  try {
    return priceOperation(...operation);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
};

export const createPolicy = ({ schema, limits, introspection, trustedDocuments }: AdmissionOptions): Policy => {
  const known = createDocumentStore<KnownDocument>(limits.documents, ({ document }) => document);
  /** By the operation's node, which Apollo's document store and `known` hand out again. */
  const examined = createOperationStore<Examined>();
  const refuseIntrospection = createIntrospectionLimit(schema);
  const { trustedOnly, trustedText, textOf } = createDocumentTexts(trustedDocuments);

  const tooLarge = (what: 'lines' | 'tokens'): KnownDocument => ({
    document: null,
    policyErrors: [policyError('TOKEN_LIMIT', `The document has more than ${limits.tokens} ${what}.`, { limit: limits.tokens })],
    errors: [],
  });

  const study = (text: string): KnownDocument => {
    // Each error that has a place in the document counts its lines.
    if (hasMoreLines(text, limits.tokens)) return tooLarge('lines');
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: limits.tokens });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return error.message.includes('Parsing aborted')
        ? tooLarge('tokens')
        : { document: null, policyErrors: [], errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    }
    // Limits come first: validation itself is what a hostile document makes slow.
    const outOfShape =
      refuseShape(measureShape(document), limits, introspection) ??
      refuseIntrospection(document) ??
      refuseComparisons(document) ??
      refuseConditionalRoot(document);
    return outOfShape === null ? { document, policyErrors: [], errors: null } : { document: null, policyErrors: [outOfShape], errors: [] };
  };

  const documentOf = (text: string): KnownDocument => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const studied = study(text);
    known.set(text, studied);
    return studied;
  };

  const examine = (document: DocumentNode, node: OperationDefinitionNode): Examined => {
    const known = examined.get(node);
    if (known !== undefined) return known;
    const price = priceOrError(schema, document, node, limits.pageSize);
    const fields = price instanceof GraphQLError ? 0 : price.fields;
    const found = { document, lists: listsOf(node), fields, price };
    examined.set(node, found);
    return found;
  };

  const requirePrice: Policy['requirePrice'] = (document, node, variables) => {
    const { lists, price } = examine(document, node);
    const tooLong = refuseLists(lists, variables, limits);
    if (tooLong) throw tooLong;
    if (price instanceof GraphQLError) throw price;
    const estimate = price.estimate(variables);
    const faulty = refuseVariables(schema, node, variables, introspection);
    if (faulty) throw faulty;
    const tooCostly = refuseCost(estimate, lists.asksForEntities ? limits.entityCost : limits.cost, () => price.dearest(variables));
    if (tooCostly) throw tooCostly;
    return { price, estimate };
  };

  return {
    trustedText,
    requirePrice,
    refuseText: (request) => {
      // Without a text, Apollo says what is missing, or finds one that a client registered: that was checked then.
      if (typeof request.query !== 'string' || request.query === '') return [];
      // Where nothing may be registered, Apollo says so in the words that clients of persisted queries know.
      if (trustedOnly && request.extensions?.persistedQuery !== undefined) return [];
      const text = textOf(request);
      return text instanceof GraphQLError ? [text] : documentOf(text).policyErrors;
    },
    admit: (request) => {
      const refused = (...errors: readonly GraphQLError[]): Admission => ({ admitted: false, errors });
      const text = textOf(request);
      if (text instanceof GraphQLError) return refused(text);
      const studied = documentOf(text);
      const { document } = studied;
      if (studied.policyErrors.length > 0) return refused(...studied.policyErrors);
      studied.errors ??= validate(schema, document!, specifiedRules, { maxErrors: maxValidationErrors }).map((error) =>
        withCode(error, 'GRAPHQL_VALIDATION_FAILED'),
      );
      if (document === null || studied.errors.length > 0) return refused(...studied.errors);
      const name = request.operationName || null;
      const node = getOperationAST(document, name);
      if (!node) return refused(unresolved(name));
      const variables = request.variables ?? {};
      try {
        const { price, estimate } = requirePrice(document, node, variables);
        return { admitted: true, operation: { document, text, node, name, price }, variables, estimate };
      } catch (error) {
        if (error instanceof GraphQLError) return refused(error);
        throw error;
      }
    },
  };
};

const unresolved = (name: string | null): GraphQLError =>
  policyError(
    'OPERATION_RESOLUTION_FAILURE',
    name === null ? 'The document has several operations; name one in operationName.' : 'The document has no operation of that name.',
  );
