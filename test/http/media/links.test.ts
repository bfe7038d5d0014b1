import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { linkMedia } from '../../../src/media/link.ts';
import { readLink, sealLink } from '../../../src/media/link-token.ts';
import { toneAlaw, toneMp3 } from '../../../src/simulators/kit/audio.ts';
import { blackout } from '../../storage/stores.ts';
import { caller, fetched, listener, plays, startMediaFixture } from './media-fixture.ts';

const tone = toneAlaw(3);
const refused = async (work: Promise<unknown>): Promise<ExpectedError> => {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof ExpectedError, String(error));
  return error;
};

test('a link says what it leads to, and leads to the vendor’s bytes', async (t) => {
  const fixture = await startMediaFixture(t);
  fixture.play(plays(tone));
  const row = await fixture.put({ fileName: 'Y:/1/0/call.V3', startedAt: '2026-01-05T09:00:00.000Z', endedAt: '2026-01-05T09:00:03.000Z' });
  const link = await linkMedia(fixture.media, { recording: row, format: 'ORIGINAL', principal: listener, correlationId: 'correlation-1' });
  assert.deepEqual(
    { ...link, url: null },
    { url: null, expiresAt: '2026-01-05T09:05:00.000Z', contentType: 'audio/PCMA', fileName: 'hq-call-1.al', byteLength: 24_000 },
  );
  const { status, headers, bytes } = await fetched(link.url);
  assert.equal(status, 200);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), createHash('sha256').update(tone).digest('hex'));
  const headerNames = ['content-type', 'content-length', 'accept-ranges', 'cache-control', 'content-disposition', 'x-tapegraph-masked'];
  assert.deepEqual(
    headerNames.map((name) => headers.get(name)),
    ['audio/PCMA', '24000', 'bytes', 'private, no-store', 'inline; filename="hq-call-1.al"', null],
  );
  assert.match(headers.get('etag') ?? '', /^"[\w-]{43}"$/);
  const [command] = await fixture.commands();
  assert.deepEqual(
    [command?.operation, command?.status, command?.requestedBy, command?.recording, command?.input],
    ['DOWNLOAD_MEDIA', 'CONFIRMED', 'listener', 'call-1.V3', { format: 'ORIGINAL' }],
  );
  assert.deepEqual(
    (await fixture.audit()).map(({ actor, action }) => `${actor} ${action}`),
    ['listener media.linked', 'listener media.served'],
  );
});

describe('signatures', () => {
  const claims = { source: 'hq', recording: 'r', format: 'WAV', caller: 'c', unmasked: false, expiresAtMs: 5, byteLength: null } as const;

  test('hold every claim, and are taken by the present key and the one before', () => {
    const token = sealLink(claims, 'old-key');
    assert.deepEqual(readLink(token, ['new-key', 'old-key']), claims);
    assert.equal(readLink(token, ['new-key']), null);
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      assert.equal(readLink(changed.toString('base64url'), ['old-key']), null, `byte ${at}`);
    }
    for (const forged of ['', '.', `${token}.x`, `${token}A`, `${token}=`, token.slice(1), token.slice(0, -1), 'a'.repeat(100)]) {
      assert.equal(readLink(forged, ['old-key']), null, forged);
    }
  });

  test('tell nothing to who has the link, and are never twice the same', () => {
    const named = { ...claims, source: 'headquarters', recording: 'calls/4570102030.V3', caller: 'wallboard' };
    const tokens = [sealLink(named, 'key'), sealLink(named, 'key')];
    assert.notEqual(tokens[0], tokens[1]);
    for (const token of tokens) {
      const read = `${token} ${Buffer.from(token, 'base64url').toString('latin1')}`;
      for (const secret of ['headquarters', '4570102030', 'wallboard', 'WAV']) assert.ok(!read.includes(secret), secret);
    }
  });

  test('outlive a change of the key', async (t) => {
    const before = await startMediaFixture(t, { signingKey: 'key-of-yesterday' });
    const after = await startMediaFixture(t, { signingKey: 'key-of-today', previousSigningKey: 'key-of-yesterday' });
    for (const fixture of [before, after]) fixture.play(plays(tone));
    await after.put();
    const token = (await before.link(await before.put())).split('/media/')[1]!;
    assert.equal((await fetched(`${after.url}/media/${token}`)).status, 200);
  });
});

test('a link that is forged, old, or leads to what is gone says which', async (t) => {
  const fixture = await startMediaFixture(t);
  fixture.play(plays(tone));
  const row = await fixture.put();
  const url = await fixture.link(row);
  const answer = async (address = url) => {
    const { status, bytes } = await fetched(address);
    return [status, JSON.parse(bytes.toString()).errors[0].extensions.code];
  };
  assert.deepEqual(await answer(`${url}x`), [403, 'FORBIDDEN']);
  assert.deepEqual(await answer(`${fixture.url}/media/`), [403, 'FORBIDDEN']);
  await fixture.put({ state: 'RECORDING' });
  assert.deepEqual(await answer(), [502, 'MEDIA_UNAVAILABLE']);
  fixture.play((_, response) => response.writeHead(404).end());
  await fixture.put({ state: 'ABSENT' });
  assert.deepEqual(await answer(), [404, 'NOT_FOUND']);
  await fixture.put({ availableUntil: '2026-01-05T08:59:59.000Z' });
  assert.deepEqual(await answer(), [410, 'EXPIRED']);
  await fixture.put();
  await fixture.clock.advance(300_000);
  assert.deepEqual(await answer(), [410, 'EXPIRED']);
  const failures = (await fixture.audit()).filter(({ action }) => action === 'media.failed').map(({ subject }) => subject.code);
  assert.deepEqual(failures, ['FORBIDDEN', 'MEDIA_UNAVAILABLE', 'NOT_FOUND', 'EXPIRED', 'EXPIRED']);
});

const goneAfterAsking = [{ state: 'ABSENT' }, { availableUntil: '2026-01-05T08:00:00.000Z' }] as const;

test('a file may have come, or be kept for longer than was promised: the vendor is called', async (t) => {
  const fixture = await startMediaFixture(t);
  fixture.play(plays(tone));
  for (const fields of goneAfterAsking) assert.ok(await fixture.link(await fixture.put(fields)));
  assert.deepEqual(
    fixture.observed.map(({ observations }) => observations[0]),
    [{ type: 'recording', recording: { externalId: 'call-1.V3', state: 'AVAILABLE' }, resumed: true }],
  );
});

test('what cannot be made of an old file that the vendor still has expires nothing', async (t) => {
  const fixture = await startMediaFixture(t, { encoding: 'MP3', contentType: 'audio/mpeg' });
  fixture.play(plays(tone));
  const row = await fixture.put({ availableUntil: '2026-01-05T08:00:00.000Z' });
  assert.equal((await refused(fixture.link(row, 'WAV'))).code, 'MEDIA_UNAVAILABLE');
  assert.deepEqual(fixture.observed, []);
  assert.ok(await fixture.link(row));
});

test('what is not there, yet or any more, is reported before a link is given, and written down', async (t) => {
  const fixture = await startMediaFixture(t);
  let requests = 0;
  fixture.play((request, response) => {
    requests += 1;
    plays(tone)(request, response);
  });
  const cases = [
    [{ state: 'RECORDING' }, true, 10],
    [{ state: 'PAUSED' }, true, 10],
    [{ state: 'FAILED' }, false, null],
    [{ state: 'EXPIRED' }, false, null],
  ] as const;
  for (const [fields, retryable, retryAfterSeconds] of cases) {
    const error = await refused(fixture.link(await fixture.put(fields)));
    assert.deepEqual([error.code, error.retryable, error.retryAfterSeconds], ['MEDIA_UNAVAILABLE', retryable, retryAfterSeconds]);
  }
  assert.equal(requests, 0);
  fixture.play((_, response) => response.writeHead(404).end());
  for (const fields of goneAfterAsking) assert.equal((await refused(fixture.link(await fixture.put(fields)))).code, 'MEDIA_UNAVAILABLE');
  assert.deepEqual(
    fixture.observed.map(({ observations }) => observations),
    [[{ type: 'recording', recording: { externalId: 'call-1.V3', state: 'EXPIRED' } }]],
  );
  const row = await fixture.put();
  assert.equal((await refused(fixture.link(row, 'ORIGINAL', caller('recordings:read')))).code, 'FORBIDDEN');
  assert.equal((await refused(fixture.link(row, 'ORIGINAL', { ...listener, sources: new Set(['desk']) }))).code, 'NOT_FOUND');
  assert.equal((await refused(fixture.link({ ...row, source: 'mute' }))).code, 'UNSUPPORTED');
  const commands = await fixture.commands();
  assert.equal(commands.length, cases.length + goneAfterAsking.length + 3);
  assert.ok(commands.every(({ status, problem }) => status === 'FAILED' && problem !== null));
  assert.ok((await fixture.audit()).every(({ action, actor }) => action === 'media.refused' && actor === 'listener'));
});

test('MP3 is not made into WAV, and the refusal says what to ask for', async (t) => {
  const fixture = await startMediaFixture(t, { encoding: 'MP3', contentType: 'audio/mpeg' });
  fixture.play(plays(toneMp3(1)));
  const error = await refused(fixture.link(await fixture.put(), 'WAV'));
  assert.deepEqual([error.code, error.retryable], ['MEDIA_UNAVAILABLE', false]);
  assert.match(error.message, /MP3.*request ORIGINAL/);
});

test('the audit row of a link says what is silenced', async (t) => {
  const fixture = await startMediaFixture(t);
  fixture.play(plays(tone));
  const span = { startedAt: '2026-01-05T09:00:00.000Z', endedAt: '2026-01-05T09:00:03.000Z' };
  const covering = blackout('b', {
    support: 'EMULATED',
    startsAt: '2026-01-05T09:00:01.000Z',
    endedAt: '2026-01-05T09:00:02.000Z',
    state: 'ENDED',
  });
  await fetched(await fixture.link(await fixture.put(span, [covering])));
  assert.deepEqual(
    (await fixture.audit()).map(({ action, subject }) => [action, subject.silenced]),
    [
      ['media.linked', '1-2'],
      ['media.served', '1-2'],
    ],
  );
});
