/** Apollo Server runs its own pipeline: plug-ins of anyone's see the real operation, its variables and its response. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApolloServerPlugin } from '@apollo/server';
import responseCachePlugin from '@apollo/server-plugin-response-cache';
import { print } from 'graphql';
import type { ApolloContext } from '../../src/http/apollo-plugins.ts';
import { startServer } from '../support/graphql-server.ts';

const text = 'query Greeting($name: String) { hello(name: $name) }';
const variables = { name: 'Ada' };

test('a plug-in sees the text, document, name, variables and response of a request', async (context) => {
  const seen: unknown[] = [];
  const stages: string[] = [];
  const plugin: ApolloServerPlugin<ApolloContext> = {
    requestDidStart: async () => ({
      parsingDidStart: async () => void stages.push('parse'),
      validationDidStart: async () => void stages.push('validate'),
      executionDidStart: async () => void stages.push('execute'),
      willSendResponse: async ({ source, document, operationName, operation, request, response, contextValue }) => {
        const { body } = response;
        seen.push({
          source,
          document: print(document!),
          operationName,
          kind: operation!.operation,
          variables: request.variables,
          data: body.kind === 'single' ? { ...body.singleResult.data } : null,
          caller: contextValue.principal.name,
        });
      },
    }),
  };
  const server = await startServer({ apolloPlugins: [plugin] });
  context.after(server.close);
  const { body } = await server.ask({ query: text, variables, operationName: 'Greeting' });
  assert.deepEqual(body.data, { hello: 'Hello Ada' });
  assert.deepEqual(seen, [
    {
      source: text,
      document: print((await import('graphql')).parse(text)),
      operationName: 'Greeting',
      kind: 'query',
      variables,
      data: { hello: 'Hello Ada' },
      caller: 'anonymous',
    },
  ]);
  assert.deepEqual(stages, ['parse', 'validate', 'execute']);
  await server.ask({ query: text, variables, operationName: 'Greeting' });
  assert.deepEqual(stages, ['parse', 'validate', 'execute', 'execute'], 'Apollo keeps the document that it has validated');
});

test("Apollo's response cache keeps what its hints let it keep, by document and variables", async (context) => {
  let executions = 0;
  const counting: ApolloServerPlugin<ApolloContext> = {
    requestDidStart: async () => ({
      executionDidStart: async ({ request }) => {
        executions += request.operationName === 'Greeting' ? 1 : 0;
      },
      willSendResponse: async () => undefined,
      responseForOperation: async () => null,
      didResolveOperation: async ({ overallCachePolicy }) => overallCachePolicy.restrict({ maxAge: 60 }),
    }),
  };
  const server = await startServer({ apolloPlugins: [counting, responseCachePlugin() as ApolloServerPlugin<ApolloContext>] });
  context.after(server.close);
  const ask = async (name: string) => (await server.ask({ query: text, variables: { name }, operationName: 'Greeting' })).body.data;
  assert.deepEqual(
    [await ask('Ada'), await ask('Ada'), await ask('Grace')],
    [{ hello: 'Hello Ada' }, { hello: 'Hello Ada' }, { hello: 'Hello Grace' }],
  );
  assert.equal(executions, 2);
});

test('a batch is not cached, however long the answers to its operations may be', async (context) => {
  const caching: ApolloServerPlugin<ApolloContext> = {
    requestDidStart: async () => ({
      didResolveOperation: async ({ overallCachePolicy, request }) =>
        overallCachePolicy.restrict({ maxAge: 60, scope: request.operationName === 'Greeting' ? 'PRIVATE' : 'PUBLIC' }),
    }),
  };
  const server = await startServer({ apolloPlugins: [caching] });
  context.after(server.close);
  const cachedAs = async (body: unknown) => (await server.ask(body)).headers.get('cache-control');
  const [own, shared] = [{ query: text, operationName: 'Greeting' }, { query: '{ hello }' }];
  assert.deepEqual([await cachedAs(own), await cachedAs(shared)], ['max-age=60, private', 'max-age=60, public']);
  assert.equal(await cachedAs([own, shared]), 'no-store');
});
