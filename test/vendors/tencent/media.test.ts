import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Recording } from '../../../src/domain/model/entities.ts';
import type { OpenedMedia } from '../../../src/domain/ports/media.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import { verbatimPath } from '../../../src/vendors/tencent/download.ts';
import { createMediaHosts } from '../../../src/vendors/tencent/media-hosts.ts';
import { agentsOf, never, pushedSource, startTencent } from './fixture.ts';

const recordingWith = (fields: Partial<Recording>): Recording => ({
  source: 'desk',
  externalId: '1',
  kind: 'AUDIO',
  state: 'AVAILABLE',
  vendorState: null,
  isDuplicate: false,
  agent: null,
  call: 'session',
  party: 'CUSTOMER',
  endpoint: null,
  fileName: null,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  availableUntil: null,
  formerId: null,
  vendorData: null,
  ...fields,
});
const linked = (url: string, fields: Partial<Recording> = {}) => recordingWith({ vendorData: { url, customUrl: null }, ...fields });

const bytesOf = async (media: OpenedMedia): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of media.body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const mp3 = Buffer.concat([Buffer.from('fff328c4', 'hex'), Buffer.alloc(2000, 7)]);
const serve = async (t: TestContext, listener: RequestListener) => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}`, port: host.split(':')[1]! };
};
const reading = (t: TestContext, mediaHosts: string[], settings: object = {}): VendorSource =>
  pushedSource(t, { settings: { mediaHosts, ...settings } }).source;
const open = (source: VendorSource, recording: Recording) => source.media!.open(recording, { signal: never });

test('the pushed link is fetched as it stands: plus, equals, percent and dots reach the vendor unchanged', async (t) => {
  const requestedPaths: string[] = [];
  const { host, url } = await serve(t, (request, response) => {
    requestedPaths.push(request.url!);
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': mp3.length }).end(mp3);
  });
  const path = '/tcccadmin/getRecord/k/eyJ0b2tlbiI6+Zz09=%2F%2b|x/../a.mp3?q-sign=a+b%20c&x=%E4%BD%A0#part';
  const media = await open(reading(t, [host]), linked(url + path));
  assert.deepEqual([media.contentType, media.encoding, media.byteLength, media.range], ['audio/mpeg', 'MP3', mp3.length, null]);
  assert.deepEqual(await bytesOf(media), mp3);
  assert.deepEqual(requestedPaths, [path.replace('#part', '')]);
  assert.equal(verbatimPath('https://h.example.com:1/a b/ü?x'), '/a%20b/%C3%BC?x');
  assert.equal(verbatimPath('https://h.example.com?x=1'), '/?x=1');
});

test('the simulator’s own links play, whole and in part', async (t) => {
  const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  const call = simulator.playCall([...simulator.contactCenter.agents.values()]);
  const url = simulator.storage.signedLink(call.recordId);
  const whole = await bytesOf(await open(source, linked(url)));
  const part = await source.media!.open(linked(url), { range: { start: 10, end: 19 }, signal: never });
  assert.deepEqual(part.range, { start: 10, end: 19, total: whole.length });
  assert.equal(part.byteLength, 10);
  assert.deepEqual(await bytesOf(part), whole.subarray(10, 20));
  const tail = await source.media!.open(linked(url), { range: { start: whole.length - 5, end: null }, signal: never });
  assert.deepEqual(await bytesOf(tail), whole.subarray(-5));
  await assert.rejects(source.media!.open(linked(url), { range: { start: 1e9, end: null }, signal: never }), {
    code: 'MEDIA_UNAVAILABLE',
    vendorCode: '416',
  });
});

test('a link that is dead is requested again, for each side of the call, and once for many readers of it', async (t) => {
  const { simulator, source, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  const call = simulator.playCall([...simulator.contactCenter.agents.values()]);
  const startedAt = '2026-01-05T09:00:00.000Z';
  for (const externalId of [call.recordId, call.participants[0]!.recordId]) {
    const dead = linked(`${simulator.url}/def/gone-${externalId}.mp3`, { externalId, call: call.sessionId, startedAt });
    assert.ok((await bytesOf(await open(source, dead))).length > 0);
    const calls = simulator.api.callsMade('DescribeTelCdr');
    assert.ok((await bytesOf(await open(source, dead))).length > 0);
    assert.equal(simulator.api.callsMade('DescribeTelCdr'), calls, 'the fresh link is good for hours');
  }
  await clock.advance(86_400_000);
  const late = linked(`${simulator.url}/def/gone.mp3`, { externalId: call.recordId, call: call.sessionId, startedAt });
  assert.ok((await bytesOf(await open(source, late))).length > 0, 'and is requested anew when it ran out');
});

test('a recording found by reconciliation has no link of its own; a voicemail neither', async (t) => {
  const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  simulator.playCall([...simulator.contactCenter.agents.values()]);
  simulator.contactCenter.leaveVoicemail(simulator.contactCenter.startCall({ direction: 0, caller: '1', callee: '2' }), 2);
  const listed = await source.recordings!.list({ agents: null }, never);
  const recordings = listed.flatMap((one) => (one.type === 'recording' ? [recordingWith(one.recording)] : []));
  assert.equal(recordings.length, 4);
  for (const recording of recordings) {
    assert.equal(recording.vendorData, null);
    assert.ok((await bytesOf(await open(source, recording))).length > 0, recording.kind);
  }
});

test('what is announced but not there yet may be requested again; what is gone may not', async (t) => {
  const { simulator, source, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  const call = simulator.playCall([...simulator.contactCenter.agents.values()]);
  simulator.storage.withhold(true);
  const recording = linked(`${simulator.url}/def/1.mp3`, {
    externalId: call.recordId,
    call: call.sessionId,
    endedAt: '2026-01-05T09:00:00.000Z',
    availableUntil: '2026-04-05T09:00:00.000Z',
  });
  await assert.rejects(open(source, recording), { code: 'MEDIA_UNAVAILABLE', retryable: true, retryAfterSeconds: 5 });
  await clock.advance(3_600_000);
  await assert.rejects(open(source, recording), { code: 'MEDIA_UNAVAILABLE', retryable: false });
  await clock.advance(100 * 86_400_000);
  await assert.rejects(open(source, recording), { code: 'MEDIA_UNAVAILABLE', message: /3 months/, vendorCode: '403' });
});

test('only the vendor says that a recording is gone: by a status of its store, or by an API without a link', async (t) => {
  let status = 404;
  const { host, url } = await serve(t, (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<p>no</p>'),
  );
  const old = { availableUntil: '2026-01-01T00:00:00.000Z', endedAt: '2025-10-01T00:00:00.000Z' };
  const codeFor = async (source: VendorSource, link: string | null) => {
    const error = await open(source, recordingWith({ ...old, vendorData: { url: link, customUrl: null } })).then(
      () => assert.fail('there is audio'),
      (caught: { code: string; vendorCode: string | null }) => caught,
    );
    assert.equal(error.code, 'MEDIA_UNAVAILABLE');
    return error.vendorCode;
  };
  const pushedTo = reading(t, [host]);
  for (status of [403, 404, 410]) assert.equal(await codeFor(pushedTo, `${url}/1.mp3`), String(status));
  status = 200;
  assert.equal(await codeFor(pushedTo, `${url}/1.mp3`), null, 'a page says nothing');
  assert.equal(await codeFor(pushedTo, null), null, 'nothing was requested');
  assert.equal(await codeFor(reading(t, ['elsewhere.example.com']), `${url}/1.mp3`), null, 'the host is not allowed here');
  const { source } = await startTencent(t);
  assert.equal(await codeFor(source, null), 'NoRecordURL');
});

test('the copy in the own bucket is the last resort', async (t) => {
  const { host, url } = await serve(t, (request, response) => {
    if (request.url === '/own.mp3') response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(mp3);
    else response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error/>');
  });
  const recording = recordingWith({ vendorData: { url: `${url}/gone.mp3`, customUrl: `${url}/own.mp3` } });
  assert.deepEqual(await bytesOf(await open(reading(t, [host]), recording)), mp3);
});

const noAudio: [string, string, string][] = [
  ['a JSON error with HTTP 200', 'application/json', '{"Code":"AccessDenied"}'],
  ['a JSON error that says it is audio', 'audio/mpeg', '{"Code":"AccessDenied"}'],
  ['a web page', 'text/html', '<html>sign in</html>'],
  ['nothing at all', 'audio/mpeg', ''],
  ['plain words', 'text/plain', 'no such recording, sorry'],
];
for (const [what, contentType, body] of noAudio) {
  test(`${what} is never served as audio`, async (t) => {
    const { host, url } = await serve(t, (_request, response) => response.writeHead(200, { 'content-type': contentType }).end(body));
    await assert.rejects(open(reading(t, [host]), linked(`${url}/1.mp3`)), { code: 'MEDIA_UNAVAILABLE' });
  });
}

test('a vendor that breaks off mid-file is an error, not a short file', async (t) => {
  const { host, url } = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': mp3.length * 2 });
    response.write(mp3, () => response.destroy());
  });
  const media = await open(reading(t, [host]), linked(`${url}/1.mp3`));
  await assert.rejects(bytesOf(media), { code: 'VENDOR_UNAVAILABLE' });
});

test('a vendor that stalls is an error within the deadline; 5xx may be tried again', async (t) => {
  const { host, url } = await serve(t, (request, response) => {
    if (request.url === '/500') response.writeHead(500).end();
  });
  const source = reading(t, [host], { timeoutSeconds: 0.2 });
  await assert.rejects(open(source, linked(`${url}/stall`)), { code: 'VENDOR_TIMEOUT', retryable: true });
  await assert.rejects(open(source, linked(`${url}/500`)), { code: 'VENDOR_UNAVAILABLE', retryable: true });
});

test('redirects are followed to hosts that are allowed, three times at most, and to no other', async (t) => {
  let strangers = 0;
  const stranger = await serve(t, (_request, response) => {
    strangers += 1;
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(mp3);
  });
  const { host, url } = await serve(t, (request, response) => {
    const step = Number(request.url!.slice(1));
    if (request.url === '/away') response.writeHead(302, { location: `${stranger.url}/1.mp3` }).end();
    else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/broken') response.writeHead(302, { location: '//[secret' }).end();
    else if (request.url === '/nowhere') response.writeHead(302).end();
    else if (step > 0) response.writeHead(307, { location: `/${step - 1}` }).end();
    else response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(mp3);
  });
  const source = reading(t, [host]);
  assert.deepEqual(await bytesOf(await open(source, linked(`${url}/3`))), mp3);
  await assert.rejects(open(source, linked(`${url}/4`)), { code: 'MEDIA_UNAVAILABLE', message: /more than 3 times/ });
  await assert.rejects(open(source, linked(`${url}/loop`)), { code: 'MEDIA_UNAVAILABLE' });
  await assert.rejects(open(source, linked(`${url}/nowhere`)), { code: 'MEDIA_UNAVAILABLE' });
  await assert.rejects(open(source, linked(`${url}/broken`)), { code: 'MEDIA_UNAVAILABLE', message: /an address that is not a URL/ });
  await assert.rejects(open(source, linked(`${url}/away`)), { code: 'MEDIA_UNAVAILABLE', message: /not in mediaHosts/ });
  assert.equal(strangers, 0);
});

test('hosts that are not listed are not called, whatever the push says', async (t) => {
  const { port } = await serve(t, (_request, response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(mp3));
  const source = reading(t, ['*.myqcloud.com', 'media.example.com:8443']);
  for (const url of [
    `http://127.0.0.1:${port}/1.mp3`,
    `http://[::1]:${port}/1.mp3`,
    'http://169.254.169.254/latest/meta-data',
    'http://myqcloud.com/1.mp3',
    'http://evilmyqcloud.com/1.mp3',
    'http://a.myqcloud.com.evil.example/1.mp3',
    'http://a.myqcloud.com:8080/1.mp3',
    'http://user:pass@a.myqcloud.com/1.mp3',
    'https://media.example.com/1.mp3',
    'file:///etc/passwd',
    'ftp://a.myqcloud.com/1.mp3',
    'nonsense',
  ]) {
    await assert.rejects(open(source, linked(url)), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'MEDIA_UNAVAILABLE');
      assert.ok(!error.message.includes('127.0.0.1') && !error.message.includes('pass'), 'the address is not repeated');
      return true;
    });
  }
});

test('an allowed name that leads to a private address is refused, unless the name itself is on the list', async (t) => {
  let requests = 0;
  const { port } = await serve(t, (_request, response) => {
    requests += 1;
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(mp3);
  });
  const named = reading(t, [`localhost:${port}`]);
  assert.deepEqual(await bytesOf(await open(named, linked(`http://localhost:${port}/1.mp3`))), mp3);
  assert.equal(requests, 1);
  const wildcard = reading(t, [`*.localhost:${port}`]);
  await assert.rejects(open(wildcard, linked(`http://cos.localhost:${port}/1.mp3`)), { name: 'ExpectedError' });
  assert.equal(requests, 1);
});

test('names are resolved for the connection itself, so that a second answer of the name server changes nothing', async () => {
  const { lookup } = createMediaHosts(['*.myqcloud.com']);
  const refused = await new Promise((resolve) => lookup('localhost', { all: true }, (error) => resolve(error)));
  assert.equal((refused as { code?: string }).code, 'MEDIA_UNAVAILABLE');
  const allowed = createMediaHosts(['localhost']);
  const addresses = await new Promise((resolve) => allowed.lookup('localhost', { all: true }, (_error, found) => resolve(found)));
  assert.ok(Array.isArray(addresses) && addresses.length > 0);
});
