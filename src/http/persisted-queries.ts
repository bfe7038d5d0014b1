/** Automatic persisted queries: one register for every transport, so that a text sent by one of them is known to all. */
import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Policy } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';

export interface PersistedQueries {
  /** Where Apollo Server keeps and finds texts. */
  cache: {
    get(key: string): Promise<string | undefined>;
    set(key: string, text: string): Promise<void>;
    delete(key: string): Promise<boolean>;
  };
  /** Returns the request with the text that its hash names, and registers a text that comes with its hash. */
  resolve(request: GraphQLRequest): GraphQLRequest | GraphQLError;
}

/** Of the texts together. */
const maxBytes = 16 * 1024 * 1024;
/** The prefix that Apollo Server puts before a hash. */
const prefix = 'apq:';

export const persistedHashOf = ({ extensions }: Pick<GraphQLRequest, 'extensions'>): string | null => {
  const { sha256Hash } = (extensions?.persistedQuery ?? {}) as { sha256Hash?: unknown };
  return typeof sha256Hash === 'string' ? sha256Hash : null;
};

/** Has the client send the text along with the hash. */
const persistedQueryNotFound = (): GraphQLError =>
  new GraphQLError('PersistedQueryNotFound', { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } });

/** Returns the error for a hash without a text, where no client registers any. */
export const refuseUnregistered = (request: GraphQLRequest): GraphQLError | null =>
  !request.query && persistedHashOf(request) !== null ? persistedQueryNotFound() : null;

export const createPersistedQueries = (): PersistedQueries => {
  const texts = new LRUCache<string, string>({ maxSize: maxBytes, sizeCalculation: (text) => text.length * 2 + 100 });
  return {
    cache: {
      get: async (key) => texts.get(key),
      set: async (key, text) => void texts.set(key, text),
      delete: async (key) => texts.delete(key),
    },
    resolve: (request) => {
      const hash = persistedHashOf(request);
      if (hash === null) return request;
      if (request.query) {
        if (createHash('sha256').update(request.query).digest('hex') !== hash) {
          return new GraphQLError('provided sha does not match query', { extensions: { code: 'BAD_REQUEST' } });
        }
        texts.set(prefix + hash, request.query);
        return request;
      }
      const query = texts.get(prefix + hash);
      return query === undefined ? persistedQueryNotFound() : { ...request, query };
    },
  };
};

/** The policy's judgement of a request whose text may be named by a hash. */
export const admitPersisted =
  (policy: Policy, persisted: PersistedQueries): Policy['admit'] =>
  (request) => {
    const resolved = policy.trustedText(request) === null ? persisted.resolve(request) : request;
    return resolved instanceof GraphQLError ? { admitted: false, errors: [resolved] } : policy.admit(resolved);
  };
