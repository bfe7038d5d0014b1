/**
 * Relay: the compiler over the client schema, and the run time with a page, the next page, a refetched node and two streams in one store.
 * Arguments: URL of the endpoint, a good key. The compiler has run already.
 */
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import fragment from './relay/generated/operations_agents.graphql.js';
import agentFragmentRefetch from './relay/generated/operationsAgentRefetchQuery.graphql.js';
import agentSubscription from './relay/generated/operationsAgentSubscription.graphql.js';
import paginationQuery from './relay/generated/operationsAgentsPaginationQuery.graphql.js';
import callSubscription from './relay/generated/operationsCallSubscription.graphql.js';
import query from './relay/generated/operationsPageQuery.graphql.js';

const {
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getRequest,
  getSelector,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store,
} = relay;
const [url, key] = process.argv.slice(2);
const authorization = `Bearer ${key}`;

const warnings = [];
const print = console.error;
console.error = (...words) => {
  warnings.push(words.join(' '));
  print(...words);
};
console.warn = console.error;

const sockets = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { authorization } });
const environment = new Environment({
  network: Network.create(
    async ({ text }, variables) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', authorization },
        body: JSON.stringify({ query: text, variables }),
      });
      return response.json();
    },
    ({ text, name }, variables) => Observable.create((sink) => sockets.subscribe({ operationName: name, query: text, variables }, sink)),
  ),
  store: new Store(new RecordSource()),
});

const page = await fetchQuery(environment, query, { first: 2, after: null }).toPromise();
assert.ok(page);
const lookUp = (operation) => environment.lookup(operation.fragment).data;
const operation = createOperationDescriptor(getRequest(query), { first: 2, after: null });
environment.retain(operation);
const connection = environment.lookup(getSelector(fragment, lookUp(operation))).data.agents;
assert.equal(connection.edges.length, 2);
assert.ok(connection.pageInfo.hasNextPage);
const more = await fetchQuery(environment, paginationQuery, {
  first: 2,
  after: connection.pageInfo.endCursor,
}).toPromise();
assert.ok(more);
const [first] = connection.edges;
const refetched = await fetchQuery(environment, agentFragmentRefetch, { id: first.node.id }).toPromise();
assert.ok(refetched.node, 'an agent is found again by its global id');

const listen = async (subscription, count) => {
  const events = [];
  await new Promise((resolve, reject) => {
    requestSubscription(environment, {
      subscription,
      variables: {},
      onNext: (event) => {
        events.push(event);
        if (events.length === count) resolve();
      },
      onError: reject,
    });
  });
  return events;
};
const [agentEvents, callEvents] = await Promise.all([listen(agentSubscription, 3), listen(callSubscription, 1)]);
const ids = [...agentEvents.map(({ agentChanged }) => agentChanged.id), ...callEvents.map(({ callChanged }) => callChanged.id)];
assert.equal(new Set(ids).size, ids.length, 'ids of events are unique across streams');
assert.deepEqual(warnings, []);
process.exit(0);
