import assert from 'node:assert/strict';

/** Runs an operation over HTTP and answers its data; fails on any GraphQL error. */
export const ask = async <T = Record<string, never>>(
  serverUrl: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<T> => {
  const response = await fetch(new URL('/graphql', serverUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  assert.equal(errors, undefined);
  return data;
};
