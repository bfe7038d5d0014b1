/** Tests that the server answers what graphql-js answers, for any valid document, however often it is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRequests, checkSubscriptions, coverage } from './check.ts';

const runs = Number(process.env.FC_RUNS ?? 30);

test('queries and mutations are answered as by graphql-js', async (t) => {
  await checkRequests(t, runs);
});

test('events are answered as by graphql-js, though executed without the arguments of their root field', async () => {
  await checkSubscriptions(3 * runs);
});

test('the documents held all that can go wrong', { skip: runs < 30 }, (t) => {
  for (const [what, times] of coverage()) t.diagnostic(`${what}: ${times}`);
  for (const what of [
    'a directive',
    'a fragment used again',
    'a spread on another type',
    'an abstract type',
    'an absent variable',
    'an absent variable with a default',
    'a variable inside an input object or list',
    'null in a variable',
    'an answer with errors',
    'a request that cannot be executed',
    'a stream',
    'a stream that is refused',
    'a root field in a fragment',
  ])
    assert.ok((coverage().get(what) ?? 0) > 0, `no document held ${what}`);
});
