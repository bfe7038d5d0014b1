/** Apollo Client as its documentation sets it up. Arguments: URL of the endpoint, a good key. Throws what is not as it should be. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { possibleTypes } from './possible-types.mjs';

const [url, key] = process.argv.slice(2);
const authorization = `Bearer ${key}`;

const cacheOf = () =>
  new InMemoryCache({
    possibleTypes,
    typePolicies: {
      Query: { fields: { agents: relayStylePagination(['filter']) } },
      RecordingSource: { keyFields: ['name'] },
    },
  });
const clientOf = (link) => new ApolloClient({ link, cache: cacheOf(), clientAwareness: { name: 'suite', version: '1.0.0' } });
const httpLink = (headers = { authorization }) => new HttpLink({ uri: url, headers });

const AGENTS = gql`
  query Agents($first: Int, $after: String) {
    agents(first: $first, after: $after) {
      edges { cursor node { id externalId status source { name vendor } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

/** Answers the first `count` values of an observable. */
const take = (observable, count) =>
  new Promise((resolve, reject) => {
    const values = [];
    const subscription = observable.subscribe({
      next: (value) => {
        values.push(value);
        if (values.length === count) {
          setImmediate(() => subscription.unsubscribe());
          resolve(values);
        }
      },
      error: reject,
      complete: () => reject(new Error(`the stream ended after ${values.length} values`)),
    });
  });

// A normalised cache, and pages that are joined as Relay's connections are.
{
  const client = clientOf(httpLink());
  const query = client.watchQuery({ query: AGENTS, variables: { first: 2 } });
  const first = (await query.refetch()).data.agents;
  assert.equal(first.edges.length, 2);
  assert.ok(first.pageInfo.hasNextPage);
  await query.fetchMore({ variables: { first: 2, after: first.pageInfo.endCursor } });
  const joined = client.readQuery({ query: AGENTS, variables: { first: 2 } });
  assert.equal(joined.agents.edges.length, 4);
  assert.equal(new Set(joined.agents.edges.map(({ node }) => node.id)).size, 4);
  const cached = client.extract();
  assert.ok(cached[`Agent:${first.edges[0].node.id}`]);
  assert.ok(Object.keys(cached).some((name) => name === 'RecordingSource:{"name":"hq"}'));
  client.stop();
}

// Persisted queries by GET, whose text the server does not know yet.
{
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const client = clientOf(ApolloLink.from([new PersistedQueryLink({ sha256, useGETForHashedQueries: true }), httpLink()]));
  const { data } = await client.query({ query: AGENTS, variables: { first: 1 } });
  assert.equal(data.agents.edges.length, 1);
  client.stop();
}

// A union as the answer to a mutation, and an expected failure as data.
{
  const client = clientOf(httpLink());
  const mutation = gql`
    mutation Start($input: StartBlackoutInput!) {
      startBlackout(input: $input) {
        ... on BlackoutSuccess { replayed blackout { id state agent { id blackout { id } } } }
        ... on Problem { code message }
      }
    }
  `;
  const agent = { key: { source: 'hq', identifier: 'ID', value: '1' } };
  const started = (await client.mutate({ mutation, variables: { input: { agent } } })).data.startBlackout;
  assert.equal(started.__typename, 'BlackoutSuccess');
  assert.equal(started.blackout.agent.blackout.id, started.blackout.id);
  const unknown = { key: { source: 'hq', identifier: 'ID', value: 'nobody' } };
  const refused = (await client.mutate({ mutation, variables: { input: { agent: unknown } } })).data.startBlackout;
  assert.equal(refused.code, 'NOT_FOUND');
  client.stop();
}

// Subscriptions over graphql-ws and, as HttpLink asks for them, multipart.
const subscription = gql`
  subscription {
    agentChanged { id position snapshot agent { id status } }
  }
`;
for (const [name, link] of [
  ['graphql-ws', new GraphQLWsLink(createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { authorization } }))],
  ['multipart', httpLink()],
]) {
  const client = clientOf(link);
  const events = await take(client.subscribe({ query: subscription }), 2);
  for (const { data, error } of events) {
    assert.equal(error, undefined, name);
    assert.equal(data.agentChanged.snapshot, true, name);
    assert.equal(data.agentChanged.agent.__typename, 'Agent', name);
  }
  assert.notEqual(events[0].data.agentChanged.id, events[1].data.agentChanged.id);
  client.stop();
}

// A credential that is not good shows its code.
{
  const client = clientOf(httpLink({ authorization: 'Bearer nonsense' }));
  const error = await client.query({ query: AGENTS }).then(
    () => assert.fail('a wrong key must be refused'),
    (caught) => caught,
  );
  assert.ok(CombinedGraphQLErrors.is(error), String(error));
  assert.equal(error.errors[0].extensions.code, 'UNAUTHENTICATED');
  client.stop();
}
process.exit(0);
