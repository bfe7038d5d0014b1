/** urql with its defaults, its normalised cache and persisted queries. Arguments: URL of the endpoint, a good key. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cacheExchange, createClient, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange as graphcache } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { createClient as createSockets } from 'graphql-ws';
import { pipe, take, toPromise } from 'wonka';
import { graphcacheKeys } from './graphcache-keys.mjs';

const [url, key, schemaFile] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}` };
const fetchOptions = { headers };
const agents = gql`query Agents($first: Int, $after: String) { agents(first: $first, after: $after) { nodes { id status } edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }`;

// The defaults: short queries go by GET.
{
  const client = createClient({ url, fetchOptions, exchanges: [cacheExchange, fetchExchange] });
  const methods = [];
  const watching = createClient({
    url,
    fetchOptions,
    exchanges: [fetchExchange],
    fetch: (input, init) => {
      methods.push(init.method);
      return fetch(input, init);
    },
  });
  const { data, error } = await client.query(agents, { first: 2 }).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.agents.nodes.length, 2);
  assert.equal((await watching.query(agents, { first: 1 }).toPromise()).error, undefined);
  assert.deepEqual(methods, ['GET']);
}

// Persisted queries, by GET and by POST.
for (const preferGetForPersistedQueries of [true, false]) {
  const persisted = persistedExchange({ preferGetForPersistedQueries });
  const client = createClient({ url, fetchOptions, preferGetMethod: false, exchanges: [persisted, fetchExchange] });
  for (let time = 0; time < 2; time += 1) {
    const { data, error } = await client.query(agents, { first: 1 }).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.agents.nodes.length, 1);
  }
}

// Graphcache knows the schema and every key, warns of nothing, and joins pages.
{
  const warnings = [];
  const schema = introspectionFromSchema(buildSchema(readFileSync(schemaFile, 'utf8')));
  const cache = graphcache({
    schema,
    keys: graphcacheKeys,
    resolvers: { Query: { agents: relayPagination() } },
    logger: (_severity, message) => warnings.push(message),
  });
  const sockets = createSockets({ url: url.replace(/^http/, 'ws'), connectionParams: headers });
  const client = createClient({
    url,
    fetchOptions,
    exchanges: [
      cache,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  const everything = gql`query Everything { sources { id name capabilities { operation support note } health { status circuit } }
    agents(first: 5) { edges { cursor node { id source { id name } devices { phone } activeCall { id legs { party endpoint agent { id } } metadata { key value } recordings { id } } desktopRecordings { id } } }
      pageInfo { hasNextPage endCursor } sourceErrors { source { id } problem { code correlationId } } }
    recordings(first: 5) { nodes { id blackouts { startsAt endsAt offset blackout { id exposures { startsAt endsAt } warnings { warning at } } } } } }`;
  const { data, error } = await client.query(everything, {}).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.agents.edges.length, 5);
  const first = await client.query(agents, { first: 2 }).toPromise();
  await client.query(agents, { first: 2, after: first.data.agents.pageInfo.endCursor }).toPromise();
  const joined = await client
    .query(agents, { first: 2, after: first.data.agents.pageInfo.endCursor }, { requestPolicy: 'cache-only' })
    .toPromise();
  assert.ok(joined.data.agents.edges.length >= 4);
  const stream = gql`subscription { agentChanged { id position snapshot agent { id status } } }`;
  const event = await pipe(client.subscription(stream, {}), take(1), toPromise);
  assert.equal(event.error, undefined);
  assert.equal(event.data.agentChanged.snapshot, true);
  assert.deepEqual(warnings, []);
  await sockets.dispose();
}
process.exit(0);
