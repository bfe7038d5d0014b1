/** Examines the text of a document: its syntax, and the limits that a text alone can break. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { refuseComparisons } from './comparisons.ts';
import { hasMoreLines } from './document-text.ts';
import type { Limits } from './limits.ts';
import { policyError } from './policy-error.ts';
import { measureShape, refuseShape } from './shape.ts';
import { refuseConditionalRoot } from './subscription-root.ts';

export interface ExaminedDocument {
  /** Null for one that is not executed. */
  document: DocumentNode | null;
  /** Limits that the text breaks. */
  policyErrors: readonly GraphQLError[];
  /** Errors of its syntax; once it was validated, of its meaning. */
  errors: readonly GraphQLError[] | null;
}

export interface ExamineContext {
  limits: Limits;
  /** True if clients may see the schema. */
  introspection: boolean;
  refuseIntrospection(document: DocumentNode): GraphQLError | null;
}

/** Limits the errors looked for in one document; each costs time and discloses something of the schema. */
export const maxValidationErrors = 5;

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : { source: error.source ?? null, positions: error.positions ?? null }),
    extensions: { code, ...error.extensions },
  });

const refused = (policyError: GraphQLError): ExaminedDocument => ({ document: null, policyErrors: [policyError], errors: [] });

const remedies = { lines: 'Write several fields on a line.', tokens: 'Split it, and send each operation by itself.' } as const;

const tooLarge = (limit: number, what: keyof typeof remedies): ExaminedDocument =>
  refused(policyError('TOKEN_LIMIT', `The document has more than ${limit} ${what}. ${remedies[what]}`, { limit }));

/** Each error that has a place in the document counts its lines. As many fields as there may be need half of them, each on a line of its own. */
const maxLinesOf = ({ tokens }: Limits): number => Math.ceil(tokens / 2);

/** Limits come before validation, which itself is what a hostile document makes slow. */
export const examineDocument = ({ limits, introspection, refuseIntrospection }: ExamineContext, text: string): ExaminedDocument => {
  const maxLines = maxLinesOf(limits);
  if (hasMoreLines(text, maxLines)) return tooLarge(maxLines, 'lines');
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return error.message.includes('Parsing aborted')
      ? tooLarge(limits.tokens, 'tokens')
      : { document: null, policyErrors: [], errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
  }
  const outOfShape =
    refuseShape(measureShape(document), limits, introspection) ??
    refuseIntrospection(document) ??
    refuseComparisons(document) ??
    refuseConditionalRoot(document);
  return outOfShape === null ? { document, policyErrors: [], errors: null } : refused(outOfShape);
};

/** Returns the errors of a document's syntax and meaning; validates it the first time. */
export const validateExamined = (schema: GraphQLSchema, examined: ExaminedDocument): readonly GraphQLError[] => {
  examined.errors ??= validate(schema, examined.document!, specifiedRules, { maxErrors: maxValidationErrors }).map((error) =>
    withCode(error, 'GRAPHQL_VALIDATION_FAILED'),
  );
  return examined.errors;
};
