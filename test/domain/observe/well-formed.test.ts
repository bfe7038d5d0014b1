/** Tests that every text that an observer reads of its vendor is kept as well-formed Unicode. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createDomainHarness } from '../support/domain-harness.ts';

const half = '\ud83d';
const harness = await createDomainHarness();
after(() => harness.close());

test('a lone surrogate in an observation becomes U+FFFD, in a row and in its event', async () => {
  const { server, store, clock, events } = harness;
  await server.observe.observe('hq', {
    observations: [
      { type: 'agent', agent: { externalId: '7', name: `Ada ${half}` } },
      { type: 'call', call: { externalId: 'call-7', metadata: [{ key: `note${half}`, value: `thanks ${half}` }] } },
      { type: 'recording', recording: { externalId: 'rec-7', fileName: 'whole 😀', vendorData: { [`id${half}`]: half } } },
    ],
    asOfMs: clock.now(),
  });
  const key = (externalId: string) => [{ source: 'hq', externalId }];
  const [[agent], [call], [recording]] = await Promise.all([
    store.agents.byKeys(key('7')),
    store.calls.byKeys(key('call-7')),
    store.recordings.byKeys(key('rec-7')),
  ]);
  assert.equal(agent?.name, 'Ada \uFFFD');
  assert.deepEqual(call?.metadata, [{ key: 'note\uFFFD', value: 'thanks \uFFFD' }]);
  assert.deepEqual([recording?.fileName, recording?.vendorData], ['whole 😀', { 'id\uFFFD': '\uFFFD' }]);
  const reported = events.filter(({ key: id }) => ['7', 'call-7', 'rec-7'].includes(id));
  assert.equal(reported.length, 3);
  assert.ok(!/\\ud83d(?!\\ud)/i.test(JSON.stringify(reported)));
});

test('the same observation again is no news', async () => {
  const { server, clock, events } = harness;
  const before = events.length;
  await server.observe.observe('hq', {
    observations: [{ type: 'agent', agent: { externalId: '7', name: `Ada ${half}` } }],
    asOfMs: clock.now(),
  });
  assert.equal(events.length, before);
});
