import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { createVendorApi, type VendorApiOptions, type VendorRequest } from '../../src/vendors/kit/index.ts';
import { pauseBefore, readRetryAfter } from '../../src/vendors/kit/retry.ts';

const serve = async (
  t: TestContext,
  listener: RequestListener,
  options: Partial<VendorApiOptions> = {},
  { host = '127.0.0.1', outageEnded }: { host?: string; outageEnded?: (sinceMs: number | null) => void } = {},
) => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const measured: string[] = [];
  const load = { inFlight: 0, waiting: 0, mostInFlight: 0, repeated: 0 };
  const client = createVendorApi(
    {
      source: 'hq',
      baseUrl: `http://${host}:${(server.address() as AddressInfo).port}`,
      timeoutMs: 1000,
      maxConcurrency: 16,
      circuit: { failures: 3, resetSeconds: 0.1 },
      ...options,
    },
    {
      clock: systemClock,
      ...(outageEnded ? { outageEnded } : {}),
      measure: (operation, outcome) => measured.push(`${operation} ${outcome}`),
      meter: {
        inFlight: (change) => {
          load.inFlight += change;
          load.mostInFlight = Math.max(load.mostInFlight, load.inFlight);
        },
        waiting: (change) => {
          load.waiting += change;
        },
        repeated: () => {
          load.repeated += 1;
        },
        span: (_operation, work) => work(),
      },
    },
  );
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, measured, load };
};

const get = (more: Partial<VendorRequest> = {}): VendorRequest => ({ operation: 'Read', method: 'GET', path: '/', ...more });
const post = (more: Partial<VendorRequest> = {}): VendorRequest => get({ operation: 'Command', method: 'POST', ...more });
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'OK',
    (error: { code?: string; name: string }) => error.code ?? error.name,
  );

for (const status of [429, 502, 503, 504]) {
  test(`a read is sent again after ${status}, a command never`, async (t) => {
    let requests = 0;
    const { client, load, measured } = await serve(t, (_, response) => {
      requests += 1;
      response.writeHead(requests === 1 ? status : 200).end('fine');
    });
    assert.equal((await client.request(get())).text, 'fine');
    assert.deepEqual([requests, load.repeated], [2, 1]);
    requests = 0;
    await assert.rejects(client.request(post()), { code: 'VENDOR_UNAVAILABLE', vendorCode: String(status) });
    assert.equal(requests, 1);
    assert.deepEqual(measured, ['Read OK', 'Command VENDOR_UNAVAILABLE']);
  });
}

test('a vendor to which no connection comes about, so that requests only time out, was away', async (t) => {
  let isReachable = true;
  const lookup: LookupFunction = (_name, _options, callback) => {
    if (isReachable) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const ended: (number | null)[] = [];
  const { client } = await serve(
    t,
    (_, response) => response.setHeader('connection', 'close').end(),
    { lookup, timeoutMs: 200, circuit: { failures: 100, resetSeconds: 1 } },
    { host: 'recorder.example', outageEnded: (sinceMs) => ended.push(sinceMs) },
  );
  const beforeMs = Date.now();
  assert.equal(await codeOf(client.request(get())), 'OK');
  const answeredMs = Date.now();
  isReachable = false;
  assert.equal(await codeOf(client.request(get())), 'VENDOR_TIMEOUT');
  isReachable = true;
  while (ended.length === 0) await codeOf(client.request(get()));
  assert.equal(ended.length, 1);
  assert.ok(ended[0]! >= beforeMs && ended[0]! <= answeredMs);
});

for (const [isGivenUp, ending] of [
  [true, 'after its caller gave up'],
  [false, 'with the request that waits for it'],
] as const)
  test(`a connection that fails late, ${ending}, is no outage where the vendor answered on another meanwhile`, async (t) => {
    const held: Parameters<LookupFunction>[2][] = [];
    const lookup: LookupFunction = (_name, _options, callback) => {
      if (held.length === 0) held.push(callback);
      else callback(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const ended: (number | null)[] = [];
    const { client } = await serve(
      t,
      (_, response) => response.end(),
      { lookup },
      { host: 'recorder.example', outageEnded: (sinceMs) => ended.push(sinceMs) },
    );
    const caller = new AbortController();
    const waiting = codeOf(client.request(get({ signal: caller.signal })));
    while (held.length === 0) await wait(1);
    assert.equal(await codeOf(client.request(get())), 'OK');
    if (isGivenUp) {
      caller.abort();
      assert.notEqual(await waiting, 'OK');
    }
    held[0]!(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), '');
    await wait(20);
    assert.notEqual(await waiting, 'OK');
    assert.equal(await codeOf(client.request(get())), 'OK');
    assert.deepEqual(ended, []);
  });

test('a read that breaks off is sent again; a server error that may be the request’s own is not', async (t) => {
  let requests = 0;
  const { client } = await serve(t, ({ url }, response) => {
    requests += 1;
    if (url === '/500') return void response.writeHead(500).end();
    if (requests === 1) response.destroy();
    else response.end('fine');
  });
  assert.equal((await client.request(get())).text, 'fine');
  requests = 0;
  await assert.rejects(client.request(get({ path: '/500' })), { vendorCode: '500' });
  assert.equal(requests, 1);
});

test('Retry-After is waited for where the deadline allows it, and reported where it does not', async (t) => {
  const sentAtMs: number[] = [];
  let after = '1';
  const { client } = await serve(
    t,
    (_, response) => {
      sentAtMs.push(performance.now());
      if (sentAtMs.length === 1) response.writeHead(503, { 'retry-after': after }).end();
      else response.end('fine');
    },
    { timeoutMs: 5000 },
  );
  assert.equal((await client.request(get())).text, 'fine');
  assert.ok(sentAtMs[1]! - sentAtMs[0]! >= 990, `${sentAtMs[1]! - sentAtMs[0]!} ms`);
  sentAtMs.length = 0;
  after = '60';
  await assert.rejects(client.request(get()), { retryAfterSeconds: 60 });
  assert.equal(sentAtMs.length, 1);
});

test('Retry-After is read as seconds and as a date, and nothing else', () => {
  const nowMs = Date.parse('2026-01-05T09:00:00Z');
  const cases: [string | string[] | undefined, number | undefined][] = [
    ['7', 7],
    [['7', '9'], 7],
    ['Mon, 05 Jan 2026 09:00:30 GMT', 30],
    ['Mon, 05 Jan 2026 08:00:00 GMT', 0],
    ['99999', 3600],
    ['soon', undefined],
    ['-1', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [given, seconds] of cases) assert.equal(readRetryAfter(given, nowMs), seconds, String(given));
});

test('pauses double, are jittered, and end with the third attempt', () => {
  const pauses = (made: number) => [0, 1].map((chance) => pauseBefore({ made, leftMs: 1000, retryAfterSeconds: null }, () => chance));
  assert.deepEqual(pauses(1), [50, 100]);
  assert.deepEqual(pauses(2), [100, 200]);
  assert.equal(pauseBefore({ made: 3, leftMs: 1000, retryAfterSeconds: null }), null);
  assert.equal(pauseBefore({ made: 1, leftMs: 40, retryAfterSeconds: null }), null, 'not past the deadline');
});

test('repeats stay within a tenth of the calls, beyond a reserve of ten', async (t) => {
  let requests = 0;
  const { client } = await serve(
    t,
    (_, response) => {
      requests += 1;
      response.writeHead(503).end();
    },
    { circuit: { failures: 1000, resetSeconds: 1 }, timeoutMs: 30_000 },
  );
  await Promise.all(Array.from({ length: 100 }, () => codeOf(client.request(get()))));
  assert.ok(requests > 100 && requests <= 120, `${requests} requests for 100 calls`);
});

test('failures in a row open the circuit; one probe goes out when its time has come, and its success closes it', async (t) => {
  let healthy = false;
  let requests = 0;
  const { client } = await serve(t, (_, response) => {
    requests += 1;
    response.writeHead(healthy ? 200 : 500).end();
  });
  for (let call = 0; call < 3; call += 1) assert.equal(await codeOf(client.request(get())), 'VENDOR_UNAVAILABLE');
  assert.deepEqual([client.health().circuit, client.health().status], ['OPEN', 'DOWN']);
  await assert.rejects(client.request(get()), { code: 'VENDOR_UNAVAILABLE', notSent: true, retryAfterSeconds: 0.1 });
  assert.equal(requests, 3, 'an open circuit sends nothing');
  await wait(120);
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => codeOf(client.request(get())))), Array(3).fill('VENDOR_UNAVAILABLE'));
  assert.equal(requests, 4, 'one probe, not three');
  assert.equal(client.health().circuit, 'OPEN');
  await wait(120);
  healthy = true;
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => codeOf(client.request(get())))), ['OK', 'OK', 'OK']);
  assert.deepEqual([client.health().circuit, client.health().status, client.health().lastError], ['CLOSED', 'UP', null]);
});

test('a read that fails is shown until it works, whatever else does; another failure until anything does', async (t) => {
  let healthy = false;
  const { client } = await serve(
    t,
    ({ url }, response) => {
      if (url === '/list' && !healthy) response.destroy();
      else response.writeHead(url === '/command' && !healthy ? 500 : 200).end();
    },
    { circuit: { failures: 1000, resetSeconds: 1 } },
  );
  const list = () => codeOf(client.request(get({ operation: 'List', path: '/list' })));
  const shown = () => [client.health().status, client.health().lastError];
  assert.equal(await list(), 'VENDOR_UNAVAILABLE');
  await client.request(get());
  assert.deepEqual(shown(), ['DEGRADED', 'hq: List failed: the connection broke.']);
  assert.equal(await codeOf(client.request(post({ path: '/command' }))), 'VENDOR_UNAVAILABLE');
  assert.deepEqual(shown(), ['DEGRADED', 'hq: Command was answered with HTTP 500.'], 'the newest');
  await client.request(get());
  assert.deepEqual(shown(), ['DEGRADED', 'hq: List failed: the connection broke.']);
  healthy = true;
  assert.equal(await list(), 'OK');
  assert.deepEqual(shown(), ['UP', null]);
});

test('a failure that says nothing of the vendor as a whole opens no circuit, and is reported all the same', async (t) => {
  let alone = true;
  const { client } = await serve(t, (_, response) => void response.writeHead(500).end());
  const request = () => codeOf(client.request(post({ failsAlone: () => alone })));
  for (let made = 0; made < 10; made += 1) assert.equal(await request(), 'VENDOR_UNAVAILABLE');
  assert.deepEqual([client.health().circuit, client.health().lastError], ['CLOSED', 'hq: Command was answered with HTTP 500.']);
  alone = false;
  for (let made = 0; made < 3; made += 1) await request();
  assert.equal(client.health().circuit, 'OPEN');
});

test('callers who give up open no circuit and leave nothing behind', async (t) => {
  const { client, load } = await serve(t, () => undefined, { timeoutMs: 20_000 });
  for (let call = 0; call < 5; call += 1) {
    const caller = new AbortController();
    const asking = client.request(get({ signal: caller.signal }));
    setTimeout(() => caller.abort(), 5);
    await assert.rejects(asking, { name: 'AbortError' });
    assert.deepEqual(getEventListeners(caller.signal, 'abort'), []);
  }
  assert.deepEqual([client.health().circuit, client.health().status], ['CLOSED', 'UP']);
  assert.deepEqual([load.inFlight, load.waiting], [0, 0]);
});

test('a long poll that comes back empty after its time is no failure, and holds no place', async (t) => {
  const held: (() => void)[] = [];
  const { client } = await serve(
    t,
    ({ url }, response) => {
      if (url === '/poll') held.push(() => response.writeHead(204).end());
      else response.end('fine');
    },
    { maxConcurrency: 1, circuit: { failures: 1, resetSeconds: 60 } },
  );
  const polls = [1, 2, 3].map(() => client.request(get({ path: '/poll', unbounded: true, timeoutMs: 20_000 })));
  assert.equal((await client.request(get())).text, 'fine');
  while (held.length < 3) await wait(5);
  for (const answer of held) answer();
  assert.deepEqual(
    (await Promise.all(polls)).map(({ status }) => status),
    [204, 204, 204],
  );
  assert.equal(client.health().circuit, 'CLOSED');
});

test('a long poll that probes makes no command wait for its end', async (t) => {
  let broken = true;
  let release = () => {};
  const { client } = await serve(
    t,
    ({ url }, response) => {
      if (broken) return void response.writeHead(500).end();
      if (url === '/poll')
        release = () => {
          response.end('event');
        };
      else response.end('fine');
    },
    { timeoutMs: 5000, circuit: { failures: 1, resetSeconds: 0.1 } },
  );
  await assert.rejects(client.request(get()));
  broken = false;
  await wait(120);
  const poll = client.request(get({ path: '/poll', unbounded: true, timeoutMs: 30_000 }));
  assert.equal(client.health().circuit, 'HALF_OPEN');
  assert.equal((await client.request(post())).text, 'fine');
  assert.equal(client.health().circuit, 'CLOSED');
  release();
  assert.equal((await poll).text, 'event');
});

test('the bulkhead bounds what is in flight; who waits in vain gets an error that says that nothing was sent', async (t) => {
  let requests = 0;
  const { client, load } = await serve(
    t,
    () => {
      requests += 1;
    },
    { maxConcurrency: 2, timeoutMs: 200, circuit: { failures: 1000, resetSeconds: 1 } },
  );
  const errors = await Promise.all(
    Array.from({ length: 8 }, () => client.request(post()).catch((error: { code: string; notSent: boolean }) => error)),
  );
  const unsent = errors.filter((error) => (error as { notSent: boolean }).notSent);
  assert.equal(load.mostInFlight, 2);
  assert.equal(requests, 8 - unsent.length);
  assert.ok(unsent.length >= 4, `${unsent.length} were not sent`);
  assert.deepEqual([load.inFlight, load.waiting], [0, 0]);
});

test('a read that waited in vain is shown until anything works, since it says nothing of what it would read', async (t) => {
  const held: (() => void)[] = [];
  const { client } = await serve(t, (_, response) => void held.push(() => response.end()), {
    maxConcurrency: 1,
    circuit: { failures: 1000, resetSeconds: 1 },
  });
  const reads = Array.from({ length: 100 }, () => codeOf(client.request(get())));
  assert.equal(await codeOf(client.request(get({ operation: 'Rare' }))), 'VENDOR_UNAVAILABLE');
  assert.match(client.health().lastError ?? '', /^hq: Rare was not sent: too many calls/);
  const answering = setInterval(() => held.splice(0).forEach((answer) => void answer()), 1);
  assert.equal(await reads[0], 'OK');
  await Promise.all(reads);
  clearInterval(answering);
  assert.deepEqual([client.health().status, client.health().lastError], ['UP', null]);
});

test('a stream that trickles is broken off, one that is paused by its reader is not', async (t) => {
  const { client } = await serve(
    t,
    ({ url }, response) => {
      if (url === '/steady') return void response.end(Buffer.alloc(256 * 1024, 1));
      const timer = setInterval(() => response.write('x'), 10);
      response.once('close', () => clearInterval(timer));
    },
    { timeoutMs: 300 },
  );
  const trickling = await client.stream(get());
  await assert.rejects(
    async () => {
      for await (const _ of trickling.body);
    },
    { code: 'VENDOR_TIMEOUT' },
  );
  const steady = await client.stream(get({ path: '/steady' }));
  let bytes = 0;
  for await (const chunk of steady.body) {
    if (bytes === 0) await wait(500);
    bytes += chunk.length;
  }
  assert.equal(bytes, 256 * 1024);
});

test('an answer that a client takes although it is an error counts as the vendor’s failure', async (t) => {
  const { client, measured } = await serve(t, (_, response) => void response.writeHead(500).end('{"retcode":"1"}'));
  for (let call = 0; call < 3; call += 1) (await client.stream(get({ acceptServerErrors: true }))).close();
  assert.equal(client.health().circuit, 'OPEN');
  assert.match(client.health().lastError ?? '', /HTTP 500/);
  assert.deepEqual(measured, Array(3).fill('Read VENDOR_UNAVAILABLE'));
});
