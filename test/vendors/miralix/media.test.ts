import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recording } from '../../../src/domain/model/entities.ts';
import { toneMp3 } from '../../../src/simulators/kit/audio.ts';
import { never, startMiralix } from './fixture.ts';

const recording = (fields: Partial<Recording> = {}): Recording => ({
  source: 'greenbox',
  externalId: '47610/fef55002.mp3',
  kind: 'AUDIO',
  state: 'AVAILABLE',
  vendorState: null,
  isDuplicate: false,
  agent: '1',
  call: '47610',
  party: 'MIXED',
  endpoint: null,
  fileName: 'fef55002.mp3',
  startedAt: '2020-10-22T10:29:53.1696606Z',
  endedAt: '2020-10-22T10:30:00.2458428Z',
  durationMs: 7076,
  availableUntil: null,
  formerId: null,
  vendorData: { id: 47610, direct: false },
  ...fields,
});

test('the audio is fetched by QueueCallId and passed on whole', async (t) => {
  const { simulator, contactCenter, source } = await startMiralix(t);
  const audio = toneMp3(7);
  contactCenter.media.set(47610, audio);
  const opened = await source.media!.open(recording(), { signal: never });
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.body) chunks.push(chunk);
  assert.deepEqual(Buffer.concat(chunks), audio);
  assert.equal(opened.byteLength, audio.length);
  assert.equal(opened.contentType, 'audio/mpeg');
  assert.equal(opened.encoding, 'MP3');
  assert.equal(opened.range, null);
  assert.deepEqual(simulator.requests, ['GET /queues/calls/recordings/47610']);
});

test('a file that is gone marks the recording absent, until it is found again', async (t) => {
  const { simulator, contactCenter, source, context, clock } = await startMiralix(t);
  await assert.rejects(source.media!.open(recording(), { signal: never }), { code: 'MEDIA_UNAVAILABLE', retryable: false });
  const absent = { type: 'recording', recording: { externalId: '47610/fef55002.mp3', state: 'ABSENT' } };
  assert.deepEqual(context.observations(), [absent]);
  for (let round = 0; round < 5; round += 1) {
    await assert.rejects(source.media!.open(recording({ state: 'ABSENT' }), { signal: never }), { code: 'MEDIA_UNAVAILABLE' });
  }
  assert.equal(simulator.requests.length, 1, 'it is not requested at every request');
  contactCenter.media.set(47610, toneMp3(1));
  await clock.advance(10 * 60_000);
  (await source.media!.open(recording({ state: 'ABSENT' }), { signal: never })).close();
  assert.deepEqual(context.observations().at(-1), { ...absent, recording: { ...absent.recording, state: 'AVAILABLE' }, resumed: true });
});

test('a file that may still come is no loss', async (t) => {
  const { source, context, clock } = await startMiralix(t);
  const young = recording({ endedAt: new Date(clock.now() - 60_000).toISOString() });
  await assert.rejects(source.media!.open(young, { signal: never }), { code: 'MEDIA_UNAVAILABLE', retryable: true });
  assert.equal(context.batches.length, 0);
});

for (const [name, body] of [
  ['nothing', ''],
  ['JSON', '{"Message":"An error has occurred."}'],
  ['a web page', '<html></html>'],
] as const) {
  test(`${name} instead of audio is never served`, async (t) => {
    const { simulator, source } = await startMiralix(t);
    simulator.faults.push({ matches: /calls\/recordings/, fault: { kind: 'body', body } });
    await assert.rejects(source.media!.open(recording(), { signal: never }), { code: 'MEDIA_UNAVAILABLE' });
  });
}

test('a refused download is the vendor’s refusal', async (t) => {
  const { simulator, source } = await startMiralix(t, { simulator: { switches: { licensed: false } } });
  await assert.rejects(source.media!.open(recording(), { signal: never }), { code: 'VENDOR_REJECTED', vendorCode: '403' });
  simulator.faults.push({ matches: /calls\/recordings/, fault: { kind: 'status', status: 500 } });
  await assert.rejects(source.media!.open(recording(), { signal: never }), { code: 'VENDOR_UNAVAILABLE' });
});

test('a direct call cannot be downloaded, and the vendor is not called', async (t) => {
  const { simulator, source } = await startMiralix(t);
  const direct = recording({ externalId: 'user:54852', call: 'user:54852', vendorData: { id: 54852, direct: true } });
  await assert.rejects(source.media!.open(direct, { signal: never }), { code: 'MEDIA_UNAVAILABLE', retryable: false });
  assert.equal(simulator.requests.length, 0);
});
