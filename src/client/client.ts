/** A typed client: documents in, typed data out; streams that resume where they broke off. */
import { createClient } from 'graphql-ws';
import type { TypedDocumentString } from './generated/graphql.ts';

export interface ClientOptions {
  /** Of the server or of a gateway before it, such as `http://127.0.0.1:4000/graphql`. */
  url: string;
  /** An API key or a JWT. */
  key?: string | undefined;
  /** Sends the documents' hashes instead of their text, for servers that take nothing but trusted documents. */
  hashesOnly?: boolean;
  /** The WebSocket implementation where the platform has none. */
  webSocket?: unknown;
}

/** Carries the errors of a GraphQL answer; expected failures are data, of type `Problem`, and not thrown. */
export class GraphQLAnswerError extends Error {
  readonly errors: readonly { message: string; extensions?: { code?: string } }[];

  constructor(errors: GraphQLAnswerError['errors']) {
    super(errors.map(({ message }) => message).join('\n'));
    this.name = 'GraphQLAnswerError';
    this.errors = errors;
  }
}

export interface Client {
  /** Queries and mutations. */
  request<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data>;
  /**
   * Every event of a subscription, until the caller stops iterating. A broken connection is made again, and the stream goes on
   * after the last event received where the document takes `after`.
   */
  subscribe<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): AsyncGenerator<Data, void>;
  close(): void;
}

type AnyDocument = TypedDocumentString<unknown, unknown>;

const reconnectMs = 1000;

export const createTapegraphClient = ({ url, key, hashesOnly = false, webSocket }: ClientOptions): Client => {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const sockets = createClient({
    url: url.replace(/^http/, 'ws'),
    connectionParams: authorization,
    retryAttempts: 0,
    ...(webSocket === undefined ? {} : { webSocketImpl: webSocket }),
  });

  const requestOf = (document: AnyDocument, variables: unknown) => {
    const hash = String(document.__meta__?.hash).replace('sha256:', '');
    const text = hashesOnly ? { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } } : { query: document.toString() };
    return { ...text, variables: variables as Record<string, unknown> };
  };

  const dataOf = <Data>({ data, errors }: { data?: unknown; errors?: unknown }): Data => {
    if (Array.isArray(errors) && errors.length > 0) throw new GraphQLAnswerError(errors as GraphQLAnswerError['errors']);
    return data as Data;
  };

  return {
    request: async (document, variables) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json', ...authorization },
        body: JSON.stringify(requestOf(document as AnyDocument, variables)),
      });
      return dataOf((await response.json()) as object);
    },

    subscribe: async function* <Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables) {
      let after: string | undefined;
      for (;;) {
        const resumed = after === undefined ? variables : { ...variables, after };
        try {
          for await (const answer of sockets.iterate({ query: '', ...requestOf(document as AnyDocument, resumed) })) {
            const data = dataOf<Data>(answer);
            const event = Object.values(data as Record<string, { id?: string; snapshot?: boolean }>)[0];
            if (event?.snapshot === false) after = event.id;
            yield data;
          }
          return;
        } catch (error) {
          if (!isInterruption(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, reconnectMs));
        }
      }
    },

    close: () => void sockets.dispose(),
  };
};

/** A lost or refused connection, as opposed to a rejected client: the server then closes with 4400 and above. */
const isInterruption = (error: unknown): boolean => {
  if (error instanceof GraphQLAnswerError || Array.isArray(error)) return false;
  const { code } = error as { code?: unknown };
  return typeof code !== 'number' || code < 4400;
};
