/** The one policy layer: what every door asks before it executes anything. */
import { createHash } from 'node:crypto';
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
import { type Price, priceOperation, refuseCost } from './cost.ts';
import type { Limits } from './limits.ts';
import { refusal } from './refusal.ts';
import { measureShape, refuseShape } from './shape.ts';

export interface GraphQLRequest {
  query?: string | null | undefined;
  /** Names a trusted document by its hash, with or without a `sha256:` before it. */
  documentId?: string | null | undefined;
  operationName?: string | null | undefined;
  variables?: Readonly<Record<string, unknown>> | null | undefined;
  extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation of a document, priced; the same object for every request that asks for it. */
export interface Operation {
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

export interface AdmissionOptions {
  schema: GraphQLSchema;
  limits: Limits;
  introspection: boolean;
  /** By hash; where it is given, nothing else is executed. */
  trustedDocuments?: ReadonlyMap<string, string> | undefined;
}

export interface Policy {
  admit(request: GraphQLRequest): Admission;
  /** The text that a request's hash names in the trusted documents. */
  trustedText(request: GraphQLRequest): string | null;
}

interface KnownDocument {
  document: DocumentNode | null;
  errors: readonly GraphQLError[];
  operations: Map<string | null, Operation | GraphQLError>;
}

/** Errors told about one document; each costs time and tells about the schema. */
const maxValidationErrors = 5;

const withCode = (error: GraphQLError, code: string, suggestions: boolean): GraphQLError =>
  new GraphQLError(suggestions ? error.message : error.message.replace(/ ?Did you mean (.+?)\?$/, ''), {
    ...(error.nodes ? { nodes: error.nodes } : { source: error.source ?? null, positions: error.positions ?? null }),
    extensions: { code, ...error.extensions },
  });

export const createPolicy = ({ schema, limits, introspection, trustedDocuments }: AdmissionOptions): Policy => {
  const known = new Map<string, KnownDocument>();
  const trustedTexts = trustedDocuments && new Set(trustedDocuments.values());

  const study = (text: string): KnownDocument => {
    const refused = (...errors: GraphQLError[]): KnownDocument => ({ document: null, errors, operations: new Map() });
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: limits.tokens });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return error.message.includes('Parsing aborted')
        ? refused(refusal('TOKEN_LIMIT', `The document has more than ${limits.tokens} tokens.`, { limit: limits.tokens }))
        : refused(withCode(error, 'GRAPHQL_PARSE_FAILED', introspection));
    }
    // Limits come first: validation itself is what a hostile document makes slow.
    const outOfShape = refuseShape(measureShape(document), limits, introspection);
    if (outOfShape !== null) return refused(outOfShape);
    const invalid = validate(schema, document, specifiedRules, { maxErrors: maxValidationErrors });
    if (invalid.length > 0) return refused(...invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED', introspection)));
    return { document, errors: [], operations: new Map() };
  };

  const documentOf = (text: string): KnownDocument => {
    const found = known.get(text);
    if (found !== undefined) {
      known.delete(text);
      known.set(text, found);
      return found;
    }
    const studied = study(text);
    known.set(text, studied);
    if (known.size > limits.documents) known.delete(known.keys().next().value!);
    return studied;
  };

  const resolveOperation = (studied: KnownDocument, text: string, name: string | null): Operation | GraphQLError => {
    const found = studied.operations.get(name);
    if (found !== undefined) return found;
    const node = getOperationAST(studied.document!, name);
    if (!node) {
      return refusal(
        'OPERATION_RESOLUTION_FAILURE',
        name === null ? 'The document has several operations; name one in operationName.' : 'The document has no operation of that name.',
      );
    }
    let operation: Operation | GraphQLError;
    try {
      const price = priceOperation(schema, studied.document!, node, limits.pageSize);
      operation = { document: studied.document!, text, node, name, price };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      operation = error;
    }
    studied.operations.set(name, operation);
    return operation;
  };

  const hashOf = (request: GraphQLRequest): string | null => {
    const persisted = request.extensions?.persistedQuery as { sha256Hash?: unknown } | undefined;
    const hash = request.documentId ?? persisted?.sha256Hash;
    return typeof hash === 'string' ? hash.replace(/^sha256:/, '') : null;
  };
  const trustedText = (request: GraphQLRequest): string | null => {
    const hash = hashOf(request);
    return hash === null ? null : (trustedDocuments?.get(hash) ?? trustedDocuments?.get(`sha256:${hash}`) ?? null);
  };

  return {
    trustedText,
    admit: (request) => {
      const refused = (...errors: GraphQLError[]): Admission => ({ admitted: false, errors });
      const text = trustedText(request) ?? request.query;
      if (typeof text !== 'string' || text === '') {
        return refused(
          hashOf(request) === null
            ? refusal('BAD_USER_INPUT', 'The request has no `query`.')
            : refusal('DOCUMENT_NOT_TRUSTED', 'This server knows no document of that hash.'),
        );
      }
      if (trustedTexts !== undefined && !trustedTexts.has(text)) {
        return refused(refusal('DOCUMENT_NOT_TRUSTED', 'This server executes only its trusted documents; send the hash of one.'));
      }
      const studied = documentOf(text);
      if (studied.document === null) return refused(...studied.errors);
      const operation = resolveOperation(studied, text, request.operationName || null);
      if (operation instanceof GraphQLError) return refused(operation);
      const variables = request.variables ?? {};
      const estimate = operation.price.estimate(variables);
      const tooCostly = refuseCost(estimate, limits.cost);
      return tooCostly === null ? { admitted: true, operation, variables, estimate } : refused(tooCostly);
    },
  };
};

/** The hash by which a trusted document is asked for. */
export const documentHash = (text: string): string => createHash('sha256').update(text).digest('hex');
