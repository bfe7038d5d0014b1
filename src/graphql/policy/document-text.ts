/** Finds the text that a request means: its own, or a trusted document's by its hash. */
import type { GraphQLError } from 'graphql';
import { policyError } from './policy-error.ts';

export interface GraphQLRequest {
  query?: string | null | undefined;
  /** Names a trusted document by its hash, with or without a `sha256:` before it. */
  documentId?: string | null | undefined;
  operationName?: string | null | undefined;
  variables?: Readonly<Record<string, unknown>> | null | undefined;
  extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface DocumentTexts {
  /** True where nothing but the trusted documents is executed. */
  trustedOnly: boolean;
  /** Returns the text that a request's hash names in the trusted documents. */
  trustedText(request: GraphQLRequest): string | null;
  /** Returns the error instead where no text may be executed. */
  textOf(request: GraphQLRequest): string | GraphQLError;
}

/** Returns true if the text has more than `max` lines, empty ones included. */
export const hasMoreLines = (text: string, max: number): boolean => {
  const lineBreak = /\r\n|[\n\r]/g;
  for (let lines = 1; lines <= max; lines += 1) if (!lineBreak.test(text)) return false;
  return true;
};

const hashOf = (request: GraphQLRequest): string | null => {
  const persisted = request.extensions?.persistedQuery as { sha256Hash?: unknown } | undefined;
  const hash = request.documentId ?? persisted?.sha256Hash;
  return typeof hash === 'string' ? hash.replace(/^sha256:/, '') : null;
};

/** `trusted` is by hash; where it is given, nothing else is executed. */
export const createDocumentTexts = (trusted: ReadonlyMap<string, string> | undefined): DocumentTexts => {
  const texts = trusted && new Set(trusted.values());
  const trustedText = (request: GraphQLRequest): string | null => {
    const hash = hashOf(request);
    return hash === null ? null : (trusted?.get(hash) ?? trusted?.get(`sha256:${hash}`) ?? null);
  };
  return {
    trustedOnly: trusted !== undefined,
    trustedText,
    textOf: (request) => {
      const text = trustedText(request) ?? request.query;
      if (typeof text !== 'string' || text === '') {
        return hashOf(request) === null
          ? policyError('BAD_USER_INPUT', 'The request has no `query`; send a document in it, or the hash of one.')
          : policyError('DOCUMENT_NOT_TRUSTED', 'This server knows no document with that hash; send the hash of a trusted one.');
      }
      if (texts !== undefined && !texts.has(text)) {
        return policyError('DOCUMENT_NOT_TRUSTED', 'This server executes only its trusted documents; send the hash of one.');
      }
      return text;
    },
  };
};
