/** Many more of the documents of test/graphql/equality. */
import { test } from 'node:test';
import { checkRequests, checkSubscriptions } from '../graphql/equality/check.ts';

const runs = 5 * Number(process.env.FC_RUNS ?? 100);

test(`${runs} queries and mutations are answered as by graphql-js`, (t) => checkRequests(t, runs));

test(`the events of ${runs} subscriptions are answered as by graphql-js`, () => checkSubscriptions(runs));
