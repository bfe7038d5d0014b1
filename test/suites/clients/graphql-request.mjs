/** graphql-request by POST and by GET. Arguments: URL of the endpoint, a good key. */
import assert from 'node:assert/strict';
import { ClientError, GraphQLClient, gql } from 'graphql-request';

const [url, key] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}` };
const query = gql`query Agents($first: Int) { agents(first: $first) { nodes { id } } }`;

for (const method of ['POST', 'GET']) {
  const client = new GraphQLClient(url, { headers, method });
  assert.equal((await client.request(query, { first: 2 })).agents.nodes.length, 2, method);
  assert.equal((await client.request(gql`{ sources { name } }`)).sources.length, 1, `${method} without variables`);
}
const batch = await new GraphQLClient(url, { headers }).batchRequests(
  Array.from({ length: 10 }, () => ({ document: query, variables: { first: 1 } })),
);
assert.equal(batch.length, 10);
const refused = await new GraphQLClient(url).request(query).catch((error) => error);
assert.ok(refused instanceof ClientError);
assert.equal(refused.response.errors[0].extensions.code, 'UNAUTHENTICATED');
process.exit(0);
