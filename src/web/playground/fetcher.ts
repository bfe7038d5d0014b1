import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { credentials } from '../access-key.ts';
import { graphqlUrl, webSocketUrl } from '../endpoints.ts';

/** Sends what is in the editor with the key of this tab, unless its own headers carry another one; streams go over graphql-ws. */
export const createFetcher = (): Fetcher => {
  let lastHeaders: Record<string, unknown> = {};
  const wsClient = createClient({ url: webSocketUrl(), lazy: true, connectionParams: () => ({ ...credentials(), ...lastHeaders }) });
  const fetcher = createGraphiQLFetcher({ url: graphqlUrl(), wsClient });
  return (parameters, options) => {
    lastHeaders = options?.headers ?? {};
    return fetcher(parameters, { ...options, headers: { ...credentials(), ...lastHeaders } });
  };
};
