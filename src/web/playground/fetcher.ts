import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { type DocumentNode, Kind, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { credentials } from '../access-key.ts';
import { graphqlUrl, webSocketUrl } from '../endpoints.ts';

const read = (query: string): DocumentNode | undefined => {
  try {
    return parse(query);
  } catch {
    // The server says what is wrong with it.
    return undefined;
  }
};

const hasOperation = (document: DocumentNode | undefined, name: string | null | undefined): boolean =>
  document?.definitions.some((definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === name) ?? false;

/** Sends what is in the editor with the key of this tab, unless its own headers carry another one; streams go over graphql-ws. */
export const createFetcher = (): Fetcher => {
  let lastHeaders: Record<string, unknown> = {};
  const wsClient = createClient({ url: webSocketUrl(), lazy: true, connectionParams: () => ({ ...credentials(), ...lastHeaders }) });
  const fetcher = createGraphiQLFetcher({ url: graphqlUrl(), wsClient });
  return (parameters, options) => {
    lastHeaders = options?.headers ?? {};
    // For a moment after a tab was opened, GraphiQL still names the operation of the one before.
    const document = read(parameters.query);
    const { operationName, ...rest } = parameters;
    const named = hasOperation(document, operationName) ? { ...rest, operationName: operationName ?? null } : rest;
    return fetcher(named, {
      ...options,
      headers: { ...credentials(), ...lastHeaders },
      ...(document ? { documentAST: document } : {}),
    });
  };
};
