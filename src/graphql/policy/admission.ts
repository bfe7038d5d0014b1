/** The one policy layer, which every transport calls before it executes anything. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { type Price, priceOperation, refuseCost } from './cost.ts';
import { createDocumentTexts, type DocumentTexts, type GraphQLRequest } from './document-text.ts';
import { type ExamineContext, type ExaminedDocument, examineDocument, validateExamined } from './examined-document.ts';
import { createIntrospectionLimit } from './introspection.ts';
import { createDocumentStore, createOperationStore } from './kept-documents.ts';
import type { Limits } from './limits.ts';
import { listsOf, type OperationLists, refuseLists } from './lists.ts';
import { policyError } from './policy-error.ts';
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
  | { admitted: true; operation: Operation; variables: Readonly<Record<string, unknown>>; estimate: number; room: number }
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
  requirePrice(document: DocumentNode, requested: RequestedOperation): Estimate;
  /** All of it, with parsing and validation, for transports that Apollo does not serve. */
  admit(request: GraphQLRequest): Admission;
  /** The text that a request's hash names in the trusted documents. */
  trustedText(request: GraphQLRequest): string | null;
}

/** An operation of a document, with the variables of a request. */
interface RequestedOperation {
  node: OperationDefinitionNode;
  variables: Readonly<Record<string, unknown>>;
}

export interface Estimate {
  price: Price;
  estimate: number;
  /** The part of its caller's room that it takes. */
  room: number;
}

/** Few objects have more fields: where an answer holds more values for its price, such as by aliases, it takes more room. */
const valuesForCost = 10;

/** All that the policy knows of an operation before it has variables. */
interface KnownOperation {
  document: DocumentNode;
  lists: OperationLists;
  fields: number;
  /** The error of one that is too large to price. */
  price: Price | GraphQLError;
}

interface PolicyContext extends ExamineContext, DocumentTexts {
  schema: GraphQLSchema;
  documents: Cache<string, ExaminedDocument>;
  /** By the operation's node, which Apollo's document store and `documents` hand out again. */
  operations: Cache<OperationDefinitionNode, KnownOperation>;
}

interface Cache<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): unknown;
}

const documentOf = (context: PolicyContext, text: string): ExaminedDocument => {
  const known = context.documents.get(text);
  if (known !== undefined) return known;
  const examined = examineDocument(context, text);
  context.documents.set(text, examined);
  return examined;
};

const priceOrError = ({ schema, limits }: PolicyContext, document: DocumentNode, node: OperationDefinitionNode): Price | GraphQLError => {
  try {
    return priceOperation({ schema, pageSize: limits.pageSize }, document, node);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
};

const operationOf = (context: PolicyContext, document: DocumentNode, node: OperationDefinitionNode): KnownOperation => {
  const known = context.operations.get(node);
  if (known !== undefined) return known;
  const price = priceOrError(context, document, node);
  const fields = price instanceof GraphQLError ? 0 : price.fields;
  const operation = { document, lists: listsOf(document, node), fields, price };
  context.operations.set(node, operation);
  return operation;
};

const requirePrice = (context: PolicyContext, document: DocumentNode, { node, variables }: RequestedOperation): Estimate => {
  const { schema, limits, introspection } = context;
  const { lists, price } = operationOf(context, document, node);
  const tooLong = refuseLists(lists, variables, limits);
  if (tooLong) throw tooLong;
  if (price instanceof GraphQLError) throw price;
  const estimate = price.estimate(variables);
  const faulty = refuseVariables(schema, node, { variables, suggestions: introspection });
  if (faulty) throw faulty;
  const tooCostly = refuseCost(estimate, lists.asksForEntities ? limits.entityCost : limits.cost, () => price.dearest(variables));
  if (tooCostly) throw tooCostly;
  return { price, estimate, room: Math.max(estimate, price.values(variables) / valuesForCost) };
};

const refuseText = (context: PolicyContext, request: GraphQLRequest): readonly GraphQLError[] => {
  // Without a text, Apollo says what is missing, or finds one that a client registered: that was checked then.
  if (typeof request.query !== 'string' || request.query === '') return [];
  // Where nothing may be registered, Apollo says so in the words that clients of persisted queries know.
  if (context.trustedOnly && request.extensions?.persistedQuery !== undefined) return [];
  const text = context.textOf(request);
  return text instanceof GraphQLError ? [text] : documentOf(context, text).policyErrors;
};

const admit = (context: PolicyContext, request: GraphQLRequest): Admission => {
  const refused = (...errors: readonly GraphQLError[]): Admission => ({ admitted: false, errors });
  const text = context.textOf(request);
  if (text instanceof GraphQLError) return refused(text);
  const examined = documentOf(context, text);
  if (examined.policyErrors.length > 0) return refused(...examined.policyErrors);
  const errors = validateExamined(context.schema, examined);
  const { document } = examined;
  if (document === null || errors.length > 0) return refused(...errors);
  const name = request.operationName || null;
  const node = getOperationAST(document, name);
  if (!node) return refused(unresolved(name));
  const variables = request.variables ?? {};
  try {
    const { price, estimate, room } = requirePrice(context, document, { node, variables });
    return { admitted: true, operation: { document, text, node, name, price }, variables, estimate, room };
  } catch (error) {
    if (error instanceof GraphQLError) return refused(error);
    throw error;
  }
};

const unresolved = (name: string | null): GraphQLError =>
  policyError(
    'OPERATION_RESOLUTION_FAILURE',
    name === null
      ? 'The document has several operations; name one in operationName.'
      : 'The document has no operation of that name; give operationName one that it has.',
  );

export const createPolicy = ({ schema, limits, introspection, trustedDocuments }: AdmissionOptions): Policy => {
  const texts = createDocumentTexts(trustedDocuments);
  const context: PolicyContext = {
    ...{ schema, limits, introspection, ...texts },
    refuseIntrospection: createIntrospectionLimit(schema),
    documents: createDocumentStore<ExaminedDocument>(limits.documents, ({ document }) => document),
    operations: createOperationStore<KnownOperation>(),
  };
  return {
    trustedText: texts.trustedText,
    refuseText: (request) => refuseText(context, request),
    requirePrice: (document, requested) => requirePrice(context, document, requested),
    admit: (request) => admit(context, request),
  };
};
