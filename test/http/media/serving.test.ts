import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage, type RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { linkMedia } from '../../../src/media/link.ts';
import { toneAlaw, toneMp3 } from '../../../src/simulators/kit/audio.ts';
import { blackout } from '../../storage/stores.ts';
import { auditor, fetched, listener, plays, startMediaFixture } from './media-fixture.ts';
import { raw, referencePcm, sox } from './sox.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 5, 9, 0, 0, seconds * 1000)).toISOString();
const lasting = (seconds: number) => ({ startedAt: at(0), endedAt: at(seconds), durationMs: seconds * 1000 });
const emulated = (from: number, to: number) =>
  blackout(`b-${from}`, { support: 'EMULATED', state: 'ENDED', startsAt: at(from), endedAt: at(to) });

describe('WAV', () => {
  /** As a recorder writes it to a file; to a pipe sox writes no lengths. */
  const riff = (encoding: string): Buffer => {
    const bytes = sox(`${raw(8000)} - -t wav ${encoding} -`, referencePcm(8000));
    const data = bytes.indexOf('data');
    bytes.writeUInt32LE(bytes.length - 8, 4);
    bytes.writeUInt32LE(bytes.length - data - 8, data + 4);
    return bytes;
  };
  const cases = [
    ['A-law without a header', 'ALAW_8000', sox(`${raw(8000)} - -t al -r 8000 -`, referencePcm(8000)), '-t al -r 8000 -c 1'],
    ['VOX 32K', 'VOX_8000', sox(`${raw(8000)} - -t vox -r 8000 -`, referencePcm(8000)), '-t vox -r 8000'],
    ['VOX 24K', 'VOX_6000', sox(`${raw(6000)} - -t vox -r 6000 -`, referencePcm(6000)), '-t vox -r 6000'],
    ['A-law in RIFF', 'WAV', riff('-e a-law -b 8'), '-t wav'],
    ['µ-law in RIFF', 'WAV', riff('-e mu-law -b 8'), '-t wav'],
    ['PCM in RIFF', 'WAV', riff('-e signed -b 16'), '-t wav'],
  ] as const;
  for (const [name, encoding, original, type] of cases) {
    test(`${name} plays as sox decodes it, whole and in part`, async (t) => {
      const fixture = await startMediaFixture(t, { encoding, contentType: 'audio/wav' });
      fixture.play(plays(original));
      const url = await fixture.link(await fixture.put(), 'WAV');
      const { headers, bytes } = await fetched(url);
      assert.deepEqual([headers.get('content-type'), headers.get('content-length')], ['audio/wav', String(bytes.length)]);
      const rate = encoding === 'VOX_6000' ? 6000 : 8000;
      const expected = sox(`${type} - ${raw(rate)} -`, original);
      const decoded = sox(`-t wav - ${raw(rate)} -`, bytes);
      assert.ok(decoded.equals(expected.subarray(0, decoded.length)) && expected.length - decoded.length < 4);
      const part = await fetched(url, { range: 'bytes=12345-23456' });
      assert.equal(part.status, 206);
      assert.equal(part.headers.get('content-range'), `bytes 12345-23456/${bytes.length}`);
      assert.ok(part.bytes.equals(bytes.subarray(12_345, 23_457)));
    });
  }

  /** In chunks, so that its length is unknown. */
  const pours =
    (bytes: Uint8Array, end = true): RequestListener =>
    (_request, response) => {
      response.write(bytes.subarray(0, 999));
      response.write(bytes.subarray(999), () => (end ? response.end() : response.destroy()));
    };

  test('of a length that the vendor does not say is measured, so that players can seek', async (t) => {
    const fixture = await startMediaFixture(t);
    const alaw = toneAlaw(1);
    fixture.play(pours(alaw));
    const link = await linkMedia(fixture.media, {
      recording: await fixture.put(),
      format: 'WAV',
      principal: auditor,
      correlationId: 'correlation-1',
    });
    assert.equal(link.byteLength, 44 + 16_000);
    const { headers, bytes } = await fetched(link.url);
    assert.deepEqual([headers.get('content-length'), headers.get('accept-ranges')], ['16044', 'bytes']);
    assert.deepEqual(sox(`-t wav - ${raw(8000)} -`, bytes), sox(`-t al -r 8000 -c 1 - ${raw(8000)} -`, alaw));
    const part = await fetched(link.url, { range: 'bytes=8000-' });
    assert.ok(part.status === 206 && part.bytes.equals(bytes.subarray(8000)));
    fixture.play(pours(alaw.subarray(0, 7999)));
    await assert.rejects(fetched(link.url), TypeError);
    fixture.play(pours(alaw, false));
    await assert.rejects(fixture.link(await fixture.put(), 'WAV'), { name: 'ExpectedError', code: 'VENDOR_UNAVAILABLE' });
  });

  test('of a file that is too long to be measured is whole all the same', async (t) => {
    const fixture = await startMediaFixture(t);
    const long = Buffer.alloc(33 * 1024 * 1024, 0x55);
    fixture.play(pours(long));
    const { headers, bytes } = await fetched(await fixture.link(await fixture.put(), 'WAV'), { range: 'bytes=0-9' });
    assert.deepEqual([headers.get('content-length'), headers.get('accept-ranges')], [null, 'none']);
    assert.equal(bytes.length, 44 + 2 * long.length);
  });

  for (const [name, encoding] of [
    ['A-law', '-e a-law -b 8'],
    ['µ-law', '-e mu-law -b 8'],
    ['PCM', '-e signed -b 16'],
  ] as const) {
    test(`of ${name} whose header promises more than the file holds has the true lengths, in either format`, async (t) => {
      const whole = riff(encoding);
      const short = whole.subarray(0, 9000);
      const samples = sox(`-t wav - ${raw(8000)} -`, short);
      const fixture = await startMediaFixture(t, { encoding: 'WAV', contentType: 'audio/wav' });
      for (const send of [plays(short), pours(short)]) {
        fixture.play(send);
        const row = await fixture.put();
        const wav = await fetched(await fixture.link(row, 'WAV'));
        const url = await fixture.link(row);
        const original = await fetched(url);
        for (const { status, bytes, headers } of [wav, original]) {
          const data = bytes.indexOf('data');
          assert.deepEqual([status, headers.get('content-length')], [200, String(bytes.length)]);
          assert.deepEqual([bytes.readUInt32LE(4), bytes.readUInt32LE(data + 4)], [bytes.length - 8, bytes.length - data - 8]);
          const decoded = sox(`-t wav - ${raw(8000)} -`, bytes);
          assert.ok(decoded.equals(samples.subarray(0, decoded.length)) && samples.length - decoded.length < 4);
        }
        assert.ok((await fetched(url, { range: 'bytes=2-99' })).bytes.equals(original.bytes.subarray(2, 100)));
      }
    });
  }

  test('of a length that only its header says promises none, since the header may be wrong', async (t) => {
    const long = Buffer.concat([riff('-e a-law -b 8'), Buffer.alloc(33 * 1024 * 1024, 0x55)]);
    long.writeUInt32LE(0x7000_0000, long.indexOf('data') + 4);
    const fixture = await startMediaFixture(t, { encoding: 'WAV', contentType: 'audio/wav' });
    fixture.play(pours(long));
    const { headers, bytes } = await fetched(await fixture.link(await fixture.put(), 'WAV'));
    assert.equal(headers.get('content-length'), null);
    assert.equal(bytes.length, 44 + 2 * (long.length - long.indexOf('data') - 8));
  });
});

describe('parts', () => {
  const tone = toneAlaw(2);
  const total = tone.length;
  const parts: readonly (readonly [string, number, number, number])[] = [
    ['bytes=0-', 206, 0, total - 1],
    ['bytes=0-0', 206, 0, 0],
    ['bytes=100-199', 206, 100, 199],
    ['bytes=-50', 206, total - 50, total - 1],
    [`bytes=15990-99999`, 206, 15_990, total - 1],
    ['bytes=-99999', 206, 0, total - 1],
    ['bytes=1-2,5-6', 200, 0, total - 1],
    ['bytes=9-2', 200, 0, total - 1],
    ['lines=1-2', 200, 0, total - 1],
  ];
  for (const [range, status, start, end] of parts) {
    test(range, async (t) => {
      const fixture = await startMediaFixture(t);
      fixture.play(plays(tone));
      const answer = await fetched(await fixture.link(await fixture.put()), { range });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('content-range'), status === 206 ? `bytes ${start}-${end}/${total}` : null);
      assert.ok(answer.bytes.equals(tone.subarray(start, end + 1)));
    });
  }

  test('that begin behind the end are refused, and conditions are kept', async (t) => {
    const fixture = await startMediaFixture(t);
    fixture.play(plays(tone));
    const url = await fixture.link(await fixture.put());
    for (const range of [`bytes=${total}-`, 'bytes=-0']) {
      const refusal = await fetched(url, { range });
      assert.deepEqual([refusal.status, refusal.headers.get('content-range')], [416, `bytes */${total}`]);
    }
    const etag = (await fetched(url)).headers.get('etag')!;
    assert.equal((await fetched(url, { range: 'bytes=5-9', 'if-range': etag })).status, 206);
    assert.equal((await fetched(url, { range: 'bytes=5-9', 'if-range': '"another"' })).status, 200);
    const same = await fetched(url, { 'if-none-match': etag });
    assert.deepEqual([same.status, same.bytes.length], [304, 0]);
    const head = await fetched(url, { range: 'bytes=5-9' }, 'HEAD');
    assert.deepEqual([head.status, head.headers.get('content-length'), head.bytes.length], [200, String(total), 0]);
  });

  test('are the vendor’s own where it knows ranges', async (t) => {
    const fixture = await startMediaFixture(t);
    const mp3 = toneMp3(30);
    const requestedRanges: (string | undefined)[] = [];
    fixture.play((request, response) => {
      requestedRanges.push(request.headers.range);
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (start === undefined) return plays(mp3, 'audio/mpeg')(request, response);
      const part = mp3.subarray(Number(start), Number(end) + 1);
      const headers = {
        'content-type': 'audio/mpeg',
        'content-length': part.length,
        'content-range': `bytes ${start}-${end}/${mp3.length}`,
      };
      response.writeHead(206, headers).end(part);
    });
    const url = await fixture.link(
      await fixture.put({ source: 'desk', vendorData: { url: `${fixture.vendorUrl}/a.mp3`, customUrl: null } }),
    );
    const answer = await fetched(url, { range: 'bytes=20000-' });
    assert.ok(answer.bytes.equals(mp3.subarray(20_000)));
    assert.equal(requestedRanges.at(-1), `bytes=20000-${mp3.length - 1}`);
  });

  test('of a file that the vendor compresses unasked are parts of what it holds', async (t) => {
    const fixture = await startMediaFixture(t);
    const mp3 = toneMp3(30);
    for (const [coding, compress] of [
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
    ] as const) {
      fixture.play((_request, response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-encoding': coding }).end(compress(mp3));
      });
      const row = await fixture.put({ source: 'desk', vendorData: { url: `${fixture.vendorUrl}/a.mp3`, customUrl: null } });
      const url = await fixture.link(row);
      const whole = await fetched(url);
      assert.deepEqual([whole.headers.get('content-length'), whole.headers.get('content-encoding')], [String(mp3.length), null]);
      assert.ok(whole.bytes.equals(mp3));
      for (const [range, expected] of [
        ['bytes=3000-', mp3.subarray(3000)],
        ['bytes=-128', mp3.subarray(-128)],
        ['bytes=5-9', mp3.subarray(5, 10)],
      ] as const) {
        const part = await fetched(url, { range });
        assert.equal(part.status, 206);
        assert.ok(part.bytes.equals(expected));
      }
    }
  });

  test('are cut here where a vendor that should know ranges ignores them, and each is written down', async (t) => {
    const fixture = await startMediaFixture(t);
    const mp3 = toneMp3(30);
    fixture.play(plays(mp3, 'audio/mpeg'));
    const url = await fixture.link(
      await fixture.put({ source: 'desk', vendorData: { url: `${fixture.vendorUrl}/a.mp3`, customUrl: null } }),
    );
    for (const [range, expected] of [
      ['bytes=3000-', mp3.subarray(3000)],
      ['bytes=-128', mp3.subarray(-128)],
      ['bytes=1-', mp3.subarray(1)],
      ['bytes=10-19', mp3.subarray(10, 20)],
    ] as const) {
      const { status, headers, bytes } = await fetched(url, { range });
      assert.equal(status, 206, range);
      assert.equal(headers.get('content-length'), String(expected.length));
      assert.ok(bytes.equals(expected), range);
    }
    const served = (await fixture.audit()).filter(({ action }) => action === 'media.served').map(({ subject }) => subject.bytes);
    const last = mp3.length - 1;
    assert.deepEqual(served, [`3000-${last}`, `${mp3.length - 128}-${last}`, `1-${last}`, '10-19']);
  });

  test('of one link are bounded in number while they last', async (t) => {
    const fixture = await startMediaFixture(t);
    let open = 0;
    let most = 0;
    let holds = false;
    fixture.play((_, response) => {
      open += 1;
      most = Math.max(most, open);
      response.once('close', () => (open -= 1));
      response.writeHead(200, { 'content-length': 100_000 });
      // Responses that are held are broken off at the vendor's deadline.
      if (holds) response.write(Buffer.alloc(10));
      else response.end(Buffer.alloc(100_000));
    });
    const url = await fixture.link(await fixture.put());
    holds = true;
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const response = await fetch(url);
        await response.arrayBuffer().catch(() => undefined);
        return response.status;
      }),
    );
    assert.ok(most <= 4, `${most} connections at once`);
    assert.ok(statuses.includes(429));
  });

  test('of one caller are bounded in number over all links, and another caller still listens', async (t) => {
    const fixture = await startMediaFixture(t, { timeoutMs: 60_000, maxConcurrency: 100 });
    const held: (() => void)[] = [];
    let holds = false;
    fixture.play((_, response) => {
      const answer = () => response.writeHead(200, { 'content-length': 10 }).end(Buffer.alloc(10));
      if (holds) held.push(answer);
      else answer();
    });
    const urls = await Promise.all(
      Array.from({ length: 17 }, async (_, index) => fixture.link(await fixture.put({ externalId: `many-${index}` }))),
    );
    const others = await fixture.link(await fixture.put(), undefined, { ...listener, name: 'another listener' });
    holds = true;
    const refused: number[] = [];
    const players = urls.flatMap((url) =>
      Array.from({ length: 4 }, async () => {
        const { status } = await fetched(url);
        if (status !== 200) refused.push(status);
        return status;
      }),
    );
    while (held.length + refused.length < players.length) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([held.length, refused], [64, [429, 429, 429, 429]]);
    holds = false;
    assert.equal((await fetched(others)).status, 200);
    for (const answer of held) answer();
    assert.equal((await Promise.all(players)).filter((status) => status === 200).length, 64);
  });
});

describe('what a blackout covers', () => {
  const pcmOf = (wav: Buffer) => new Int16Array(Uint8Array.from(wav.subarray(44)).buffer);

  test('is silence in A-law, exactly, for who may not see the audit trail', async (t) => {
    const fixture = await startMediaFixture(t);
    const alaw = toneAlaw(10);
    fixture.play(plays(alaw));
    const row = await fixture.put(lasting(10), [emulated(5, 7.25)]);
    const { headers, bytes } = await fetched(await fixture.link(row));
    const expected = Buffer.from(alaw).fill(0xd5, 40_000, 58_000);
    assert.ok(bytes.equals(expected));
    assert.equal(headers.get('x-tapegraph-masked'), '5-7.25');
    const whole = await fetched(await fixture.link(row, 'ORIGINAL', auditor));
    assert.ok(whole.bytes.equals(alaw));
    assert.equal(whole.headers.get('x-tapegraph-masked'), null);
    assert.notEqual(whole.headers.get('etag'), headers.get('etag'));
    const part = await fetched(await fixture.link(row), { range: 'bytes=39990-40009' });
    assert.ok(part.bytes.equals(expected.subarray(39_990, 40_010)));
    const decoded = pcmOf((await fetched(await fixture.link(row, 'WAV'))).bytes);
    const before = pcmOf((await fetched(await fixture.link(row, 'WAV', auditor))).bytes);
    assert.deepEqual(decoded, before.fill(0, 40_000, 58_000));
  });

  test('is found where the file leaves out what was paused', async (t) => {
    const fixture = await startMediaFixture(t);
    // 20 s long, 4 s of it paused: all of the first blackout but its first half second, and nothing of what is known as exposed.
    fixture.play(plays(toneAlaw(15.5)));
    const exposure = { recording: 'call-1.V3', startsAt: at(11), endsAt: at(12) };
    const second = { ...emulated(11, 13), exposures: [exposure] };
    const row = await fixture.put({ startedAt: at(0), endedAt: at(20), durationMs: 15_500 }, [emulated(4, 8), second]);
    const { headers, bytes } = await fetched(await fixture.link(row));
    assert.equal(headers.get('x-tapegraph-masked'), '4-4.5, 7-8.5');
    assert.ok(bytes.subarray(32_000, 36_000).every((byte) => byte === 0xd5));
    assert.ok(bytes.subarray(56_000, 68_000).every((byte) => byte === 0xd5));
    assert.ok(bytes.subarray(36_000, 56_000).some((byte) => byte !== 0xd5));
  });

  test('is nothing where the vendor paused in time', async (t) => {
    const fixture = await startMediaFixture(t);
    const alaw = toneAlaw(8);
    fixture.play(plays(alaw));
    const native = blackout('n', { support: 'NATIVE', state: 'ENDED', startsAt: at(1), endedAt: at(2) });
    const failed = { ...emulated(3, 4), state: 'FAILED' as const };
    const row = await fixture.put({ startedAt: at(0), endedAt: at(10), durationMs: 8000 }, [emulated(5, 7), native, failed]);
    const { headers, bytes } = await fetched(await fixture.link(row));
    assert.equal(headers.get('x-tapegraph-masked'), null);
    assert.ok(bytes.equals(alaw));
  });

  test('is silence in VOX and in RIFF too', async (t) => {
    const pcm = sox(`-R -n ${raw(8000)} - synth 10 pinknoise`);
    const cases = [
      ['VOX_8000', sox(`${raw(8000)} - -t vox -r 8000 -`, pcm), '-t vox -r 8000'],
      ['WAV', sox(`${raw(8000)} - -t wav -e a-law -b 8 -`, pcm), '-t wav'],
      ['WAV', sox(`${raw(8000)} - -t wav -`, pcm), '-t wav'],
    ] as const;
    for (const [encoding, original, type] of cases) {
      const fixture = await startMediaFixture(t, { encoding, contentType: 'audio/wav' });
      fixture.play(plays(original));
      const { headers, bytes } = await fetched(await fixture.link(await fixture.put(lasting(10), [emulated(5, 7)])));
      assert.equal(headers.get('x-tapegraph-masked'), '5-7', type);
      assert.equal(bytes.length, original.length);
      const decoded = sox(`${type} - ${raw(8000)} -`, bytes);
      const samples = new Int16Array(Uint8Array.from(decoded).buffer);
      assert.ok(
        samples.subarray(40_064, 56_000).every((sample) => Math.abs(sample) <= 64),
        type,
      );
      assert.ok(
        samples.subarray(30_000, 36_000).some((sample) => Math.abs(sample) > 2000),
        type,
      );
      assert.ok(
        samples.subarray(62_000, 72_000).some((sample) => Math.abs(sample) > 2000),
        type,
      );
    }
  });

  test('keeps back what cannot be silenced in part', async (t) => {
    for (const [encoding, contentType] of [
      ['MP4', 'video/mp4'],
      ['MP3', 'audio/mpeg'],
    ] as const) {
      const fixture = await startMediaFixture(t, { encoding, contentType });
      fixture.play(plays(Buffer.alloc(5000, 1)));
      const row = await fixture.put(lasting(10), [emulated(5, 7)]);
      await assert.rejects(fixture.link(row), {
        code: 'MEDIA_UNAVAILABLE',
        message: new RegExp(`${encoding} cannot be silenced.*audit:read`),
      });
      assert.equal((await fetched(await fixture.link(row, 'ORIGINAL', auditor))).status, 200);
    }
  });
});

describe('a vendor that fails', () => {
  const mp3 = toneMp3(2);
  const typed = (type: string, body: string) => plays(Buffer.from(body), type);
  const refusals = [
    ['sends JSON', typed('application/json', '{"retcode":"104-005"}'), 502],
    ['sends JSON as audio', typed('audio/mpeg', '{"error":"gone"}'), 502],
    ['sends a web page', typed('text/html', '<html>Sign in</html>'), 502],
    ['sends nothing', plays(Buffer.alloc(0), 'audio/mpeg'), 502],
    ['says 404', (_: IncomingMessage, response) => response.writeHead(404).end(), 502],
    ['says 500', (_: IncomingMessage, response) => response.writeHead(500).end(), 502],
    ['says nothing at all', () => undefined, 504],
    ['hangs up', (request) => request.socket.destroy(), 502],
    [
      'redirects to a host that is not listed',
      (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/x' }).end(),
      502,
    ],
    ['redirects to another port', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/x' }).end(), 502],
  ] as const satisfies readonly (readonly [string, Parameters<Awaited<ReturnType<typeof startMediaFixture>>['play']>[0], number])[];
  for (const [name, handler, status] of refusals) {
    test(`${name}: a problem, and no byte of it`, async (t) => {
      const fixture = await startMediaFixture(t);
      const row = await fixture.put({
        source: 'desk',
        vendorData: { url: `${fixture.vendorUrl}/secret-path.mp3?sign=secret`, customUrl: null },
      });
      fixture.play(plays(mp3, 'audio/mpeg'));
      const url = await fixture.link(row);
      fixture.play(handler);
      const answer = await fetched(url);
      assert.equal(answer.status, status);
      const body = JSON.parse(answer.bytes.toString());
      assert.match(body.errors[0].extensions.code, /^(MEDIA_UNAVAILABLE|VENDOR_UNAVAILABLE|VENDOR_TIMEOUT)$/);
      const said = JSON.stringify([body, fixture.logged, await fixture.audit(), url]);
      assert.doesNotMatch(said, /secret|169\.254|127\.0\.0\.1:9\b/);
      assert.ok(fixture.logged.some(({ message }) => message === 'audio could not be sent'));
      assert.equal((await fixture.audit()).at(-1)?.action, 'media.failed');
      await assert.rejects(fixture.link(row), { name: 'ExpectedError' });
    });
  }

  const brokenOff: readonly (readonly [string, Parameters<Awaited<ReturnType<typeof startMediaFixture>>['play']>[0]])[] = [
    [
      'ends before the length that it said',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': 200_000 });
        response.write(Buffer.concat(Array.from({ length: 50 }, () => mp3)), () => setTimeout(() => response.destroy(), 50));
      },
    ],
    [
      'breaks off in the middle of chunks',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg' });
        response.write(Buffer.concat(Array.from({ length: 50 }, () => mp3)), () => setTimeout(() => response.destroy(), 50));
      },
    ],
    [
      'stalls',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': 200_000 });
        response.write(Buffer.concat(Array.from({ length: 50 }, () => mp3)));
      },
    ],
  ];
  for (const [name, handler] of brokenOff) {
    test(`${name}: the answer is broken off as well`, async (t) => {
      const fixture = await startMediaFixture(t);
      fixture.play(handler);
      const vendorData = { url: `${fixture.vendorUrl}/a.mp3`, customUrl: null };
      const url = await fixture.link(await fixture.put({ source: 'desk', state: 'UNKNOWN', vendorData }));
      await assert.rejects(fetched(url), TypeError);
      while ((await fixture.audit()).length < 3) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(
        (await fixture.audit()).map(({ action }) => action),
        ['media.linked', 'media.served', 'media.failed'],
      );
    });
  }
});

test('a client that leaves ends the vendor’s stream, and is no failure', async (t) => {
  const fixture = await startMediaFixture(t);
  const chunk = Buffer.alloc(65_536, 0xd5);
  let ended: (() => void) | null = null;
  let sent = 0;
  fixture.play((_request, response) => {
    const pour = () => {
      while (!response.destroyed && response.write(chunk)) sent += 1;
    };
    response.on('drain', pour);
    response.once('close', () => ended?.());
    pour();
  });
  const url = await fixture.link(await fixture.put());
  const vendorEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const request = get(url);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response, 'data');
  // Nothing reads on: what the vendor may send is bounded by the buffers in between.
  response.pause();
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(sent * chunk.length < 32 * 1024 * 1024, `${sent} chunks`);
  request.destroy();
  await vendorEnded;
  assert.deepEqual(
    (await fixture.audit()).map(({ action }) => action),
    ['media.linked', 'media.served'],
  );
});

test('every byte arrives as it was sent, whatever the vendor’s pieces are and however slowly clients read', async (t) => {
  const fixture = await startMediaFixture(t);
  const bytes = randomBytes(6_000_000);
  const pieces = [1, 100, 65_536, 200_000, 4_000];
  const pour: RequestListener = async (request, response) => {
    for (let at = 0, index = 0; at < bytes.length && !response.destroyed; index += 1) {
      const piece = bytes.subarray(at, at + pieces[index % pieces.length]!);
      at += piece.length;
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
    request.resume();
  };
  const players: [string, RequestListener][] = [
    ['whole', plays(bytes)],
    ['in pieces', pour],
    ['in pieces of a stated length', (request, response) => pour(request, response.setHeader('content-length', bytes.length))],
  ];
  const slowly = async (url: string): Promise<Buffer> => {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      if (chunks.length % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return Buffer.concat(chunks);
  };
  for (const [name, player] of players) {
    fixture.play(player);
    const url = await fixture.link(await fixture.put());
    const answers = await Promise.all([slowly(url), slowly(url), fetched(url).then((answer) => answer.bytes), slowly(url)]);
    for (const answer of answers) assert.ok(answer.equals(bytes), name);
  }
});
