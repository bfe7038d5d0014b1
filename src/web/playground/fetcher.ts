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

const operationNames = (document: DocumentNode | undefined): (string | null)[] =>
  document?.definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? [one.name?.value ?? null] : [])) ?? [];

/** Sends what is in the editor with the key of this tab, unless its own headers carry another one; streams go over graphql-ws. */
export const createFetcher = (): Fetcher => {
  let lastHeaders: Record<string, unknown> = {};
  const wsClient = createClient({ url: webSocketUrl(), lazy: true, connectionParams: () => ({ ...credentials(), ...lastHeaders }) });
  const fetcher = createGraphiQLFetcher({ url: graphqlUrl(), wsClient });
  return (parameters, options) => {
    lastHeaders = options?.headers ?? {};
    // For a moment after a tab was opened, GraphiQL still names the operation of the one before.
    const document = read(parameters.query);
    const names = operationNames(document);
    const operationName = names.find((name) => name === parameters.operationName) ?? names[0] ?? null;
    return fetcher(
      { ...parameters, operationName },
      {
        ...options,
        headers: { ...credentials(), ...lastHeaders },
        ...(document ? { documentAST: document } : {}),
      },
    );
  };
};
