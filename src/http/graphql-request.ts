import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { requireJsonDepthAndValues } from './body.ts';
import { HttpError } from './http-error.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);

const word = (value: unknown, name: string): string | null => {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new HttpError(400, 'BAD_REQUEST', `\`${name}\` must be a string.`);
  return value;
};

const record = (value: unknown, name: string): Record<string, unknown> | null => {
  if (value === undefined || value === null) return null;
  if (!isRecord(value)) throw new HttpError(400, 'BAD_REQUEST', `\`${name}\` must be an object.`);
  return value;
};

/** Reads the parameters of a GraphQL request from a JSON body or a WebSocket payload, whose depth was bounded. */
export const readGraphQLRequest = (value: unknown): GraphQLRequest => {
  if (!isRecord(value)) throw new HttpError(400, 'BAD_REQUEST', 'A GraphQL request is a JSON object.');
  return {
    query: word(value.query, 'query'),
    documentId: word(value.documentId, 'documentId'),
    operationName: word(value.operationName, 'operationName') || null,
    variables: record(value.variables, 'variables'),
    extensions: record(value.extensions, 'extensions'),
  };
};

/** As `readGraphQLRequest`, from the query of a GET. */
export const readGraphQLSearch = (search: URLSearchParams, limits: Pick<Limits, 'jsonDepth' | 'jsonValues'>): GraphQLRequest => {
  const only = (name: string): string | null => {
    if (search.getAll(name).length > 1) throw new HttpError(400, 'BAD_REQUEST', `\`${name}\` is given more than once; give it once.`);
    return search.get(name);
  };
  const json = (name: string): unknown => {
    const text = only(name);
    if (text === null || text.trim() === '') return null;
    requireJsonDepthAndValues(Buffer.from(text), limits);
    try {
      return JSON.parse(wellFormedJson(text));
    } catch {
      throw new HttpError(400, 'BAD_REQUEST', `\`${name}\` must be JSON.`);
    }
  };
  return readGraphQLRequest({
    query: only('query'),
    documentId: only('documentId'),
    operationName: only('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  });
};
