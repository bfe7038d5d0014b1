import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { request } from 'undici';
import { startTencentSimulator, type TencentSimulatorOptions, tencentDemo } from '../../../src/simulators/tencent/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { tc3Authorization } from '../../../src/vendors/tencent/sign.ts';

const start = async (t: TestContext, options: Partial<TencentSimulatorOptions> = {}) => {
  const clock = createManualClock();
  const simulator = await startTencentSimulator({ clock, ...options });
  t.after(() => simulator.close());
  const call = async (action: string, parameters: object, { atMs = clock.now(), secretKey = simulator.secretKey } = {}) => {
    const body = JSON.stringify({ SdkAppId: simulator.sdkAppId, ...parameters });
    const epochSeconds = Math.floor(atMs / 1000);
    const host = new URL(simulator.url).host;
    const contentType = 'application/json; charset=utf-8';
    const authorization = tc3Authorization({
      secretId: simulator.secretId,
      secretKey,
      service: 'ccc',
      host,
      contentType,
      body,
      epochSeconds,
    });
    const response = await request(`${simulator.url}/`, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'x-tc-action': action,
        'x-tc-version': '2020-02-10',
        'x-tc-timestamp': String(epochSeconds),
        authorization,
      },
      body,
    });
    assert.equal(response.statusCode, 200, 'refusals come with HTTP 200 too');
    // biome-ignore lint/suspicious/noExplicitAny: the answers of a dozen actions, looked into field by field
    return ((await response.body.json()) as { Response: Record<string, any> }).Response;
  };
  return { simulator, clock, call };
};

interface Received {
  url: string;
  uuid: string;
  contentType: string;
  authorization: string | undefined;
  body: string;
}

/** A receiver that answers what the test says. */
const startReceiver = async (t: TestContext, answer: (received: Received) => { status?: number; body: string } | null) => {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const one: Received = {
      url: incoming.url!,
      uuid: String(incoming.headers['x-tccc-push-uuid'] ?? ''),
      contentType: String(incoming.headers['content-type']),
      authorization: incoming.headers.authorization,
      body,
    };
    received.push(one);
    const given = answer(one);
    if (given) response.writeHead(given.status ?? 200, { 'content-type': 'application/json' }).end(given.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/desk` };
};

const yes = () => ({ body: '{"ErrCode":0,"ErrMsg":""}' });

test('a transferred call is pushed as one record and three recordings, in an order of chance', async (t) => {
  const { simulator } = await start(t, { agents: [{ mail: 'a@example.com' }, { mail: 'b@example.com' }] });
  const receiver = await startReceiver(t, yes);
  simulator.pusher.pushTo({ url: receiver.url, auth: { type: 'basic', username: 'u', password: 'p' } });
  const call = simulator.playCall([...simulator.contactCenter.agents.values()]);
  await simulator.pusher.drained();
  assert.equal(receiver.received.length, 4);
  assert.ok(receiver.received.every(({ contentType }) => contentType === 'application/json;charset=utf8'));
  assert.ok(receiver.received.every(({ authorization }) => authorization === 'Basic dTpw'));
  assert.equal(new Set(receiver.received.map(({ uuid }) => uuid)).size, 4);
  const records = receiver.received.filter(({ url }) => url.endsWith('?action=record&version=1')).map(({ body }) => JSON.parse(body));
  assert.deepEqual(records.map(({ EndpointUser }) => EndpointUser).sort(), ['008618621520280', 'a@example.com', 'b@example.com']);
  assert.ok(records.every(({ SessionId, CustomRecordURL }) => SessionId === call.sessionId && CustomRecordURL === undefined));
  const cdr = JSON.parse(receiver.received.find(({ url }) => url.endsWith('?action=cdr&version=1'))!.body);
  assert.equal(cdr.IVRKeyPressed, null);
  assert.equal(cdr.ServeParticipants.length, 2);
});

const failures: [string, { status?: number; body: string } | null][] = [
  ['an ErrCode', { body: '{"ErrCode":1,"ErrMsg":"no"}' }],
  ['an ErrCode that is text', { body: '{"ErrCode":"0"}' }],
  ['plain ok', { body: 'ok' }],
  ['HTTP 500', { status: 500, body: '{"ErrCode":0}' }],
  ['no answer', null],
];
for (const [what, answer] of failures) {
  test(`${what} is pushed again, four times in all, under the same UUID`, async (t) => {
    const { simulator, clock } = await start(t, { switches: { answerTimeoutMs: 100 } });
    const receiver = await startReceiver(t, () => answer);
    simulator.pusher.pushTo({ url: receiver.url, auth: { type: 'none' } });
    simulator.contactCenter.hangUp(simulator.contactCenter.startCall({ direction: 0, caller: '1', callee: '2' }));
    for (const delayMs of [0, 1000, 5000, 10_000, 60_000]) {
      await clock.advance(delayMs);
      await simulator.pusher.drained();
    }
    assert.equal(receiver.received.length, 4);
    assert.equal(new Set(receiver.received.map(({ uuid }) => uuid)).size, 1);
    assert.deepEqual(
      simulator.pusher.deliveries.map(({ attempt, succeeded }) => [attempt, succeeded]),
      [1, 2, 3, 4].map((attempt) => [attempt, false]),
    );
  });
}

test('a voicemail is pushed without version and with its number as a number', async (t) => {
  const { simulator } = await start(t);
  const receiver = await startReceiver(t, yes);
  simulator.pusher.pushTo({ url: receiver.url, auth: { type: 'none' } });
  simulator.contactCenter.leaveVoicemail(simulator.contactCenter.startCall({ direction: 0, caller: '008613123456789', callee: '2' }));
  await simulator.pusher.drained();
  const voicemail = receiver.received.find(({ url }) => url.endsWith('?action=voicemail'))!;
  assert.equal(JSON.parse(voicemail.body).EndpointUser, 13_123_456_789);
});

test('OAuth2: a token is fetched once, and again after a 401', async (t) => {
  for (const oauth2Credentials of ['header', 'body'] as const) {
    const { simulator, clock } = await start(t, { switches: { oauth2Credentials } });
    let refuse = false;
    const receiver = await startReceiver(t, ({ url }) => {
      if (url.endsWith('/oauth2/token')) return { body: '{"access_token":"t","token_type":"Bearer","expires_in":60}' };
      return refuse ? { status: 401, body: '{}' } : yes();
    });
    const auth = { type: 'oauth2' as const, tokenUrl: `${receiver.url}/oauth2/token`, clientId: 'id', clientSecret: 'secret' };
    simulator.pusher.pushTo({ url: receiver.url, auth });
    const push = async () => {
      simulator.contactCenter.hangUp(simulator.contactCenter.startCall({ direction: 0, caller: '1', callee: '2' }));
      await simulator.pusher.drained();
    };
    const tokens = () => receiver.received.filter(({ url }) => url.endsWith('/oauth2/token'));
    await push();
    await push();
    assert.equal(tokens().length, 1);
    assert.equal(tokens()[0]!.body.includes('client_secret=secret'), oauth2Credentials === 'body');
    assert.equal(tokens()[0]!.authorization !== undefined, oauth2Credentials === 'header');
    refuse = true;
    await push();
    refuse = false;
    await clock.advance(1000);
    await simulator.pusher.drained();
    assert.equal(tokens().length, 2);
  }
});

test('a lost push is seen in DescribeTelCdr only, newest first, from page 0', async (t) => {
  const { simulator, clock, call } = await start(t, { agents: [{ mail: 'a@example.com' }] });
  const receiver = await startReceiver(t, yes);
  simulator.pusher.pushTo({ url: receiver.url, auth: { type: 'none' } });
  simulator.pusher.lose('cdr');
  simulator.pusher.lose('record', 2);
  const played = simulator.playCall([...simulator.contactCenter.agents.values()]);
  await simulator.pusher.drained();
  assert.equal(receiver.received.length, 0);
  const now = clock.now() / 1000;
  const window = { StartTimeStamp: now - 3600, EndTimeStamp: now, PageSize: 1 };
  const page = await call('DescribeTelCdr', { ...window, PageNumber: 0 });
  assert.equal(page.TotalCount, 1);
  assert.equal(page.TelCdrs, null);
  assert.equal(page.TelCdrList[0].SessionId, played.sessionId);
  assert.match(page.TelCdrList[0].ServeParticipants[0].RecordURL, /\/tcccadmin\/getRecord\//);
  assert.deepEqual((await call('DescribeTelCdr', { ...window, PageNumber: 1 })).TelCdrList, []);
});

test('signatures, times and parameters are checked, all in HTTP 200', async (t) => {
  const { clock, call } = await start(t);
  const now = clock.now() / 1000;
  const day = 86_400;
  const code = async (answer: ReturnType<typeof call>) => (await answer).Error?.Code;
  const page = { PageSize: 100, PageNumber: 0 };
  assert.equal(await code(call('DescribeStaffInfoList', page)), undefined);
  assert.equal(await code(call('DescribeStaffInfoList', page, { secretKey: 'x' })), 'AuthFailure.SignatureFailure');
  assert.equal(await code(call('DescribeStaffInfoList', page, { atMs: clock.now() - 301_000 })), 'AuthFailure.SignatureExpire');
  assert.equal(await code(call('DescribeStaffInfoList', page, { atMs: clock.now() + 299_000 })), undefined);
  assert.equal(await code(call('DescribeNothing', {})), 'InvalidAction');
  assert.equal(
    await code(call('DescribeTelCdr', { ...page, SdkAppId: 1, StartTimeStamp: now, EndTimeStamp: now })),
    'InvalidParameterValue.InstanceNotExist',
  );
  const span = (from: number, to: number) => call('DescribeTelCdr', { ...page, StartTimeStamp: from, EndTimeStamp: to });
  assert.equal(await code(span(now - 181 * day, now - 180 * day)), 'InvalidParameterValue');
  assert.equal(await code(span(now - 90 * day, now)), 'InvalidParameterValue');
  assert.equal(await code(span(now - 89 * day, now)), undefined);
  assert.equal(await code(call('DescribeTelCdr', { ...page, StartTimestamp: now - 1, EndTimestamp: now })), 'MissingParameter');
  assert.equal(
    await code(call('DescribeTelCdr', { PageSize: 101, PageNumber: 0, StartTimeStamp: now - 1, EndTimeStamp: now })),
    'InvalidParameterValue',
  );
});

test('more than 20 requests of an action in a second are refused', async (t) => {
  const { clock, call } = await start(t);
  for (let count = 0; count < 20; count += 1) assert.equal((await call('DescribeStaffStatusMetrics', {})).Error, undefined);
  assert.equal((await call('DescribeStaffStatusMetrics', {})).Error.Code, 'RequestLimitExceeded');
  assert.equal((await call('DescribeStaffInfoList', { PageSize: 1, PageNumber: 0 })).Error, undefined);
  await clock.advance(1000);
  assert.equal((await call('DescribeStaffStatusMetrics', {})).Error, undefined);
});

test('live calls have their timestamps as strings, under SessionID', async (t) => {
  const { simulator, clock, call } = await start(t, { agents: [{ mail: 'a@example.com' }] });
  const live = simulator.contactCenter.startCall({ direction: 0, caller: '1', callee: '2' });
  simulator.contactCenter.ring(live, simulator.contactCenter.agents.get('a@example.com')!);
  const { Total, Sessions } = await call('DescribePSTNActiveSessionList', { Offset: 0, Limit: 25 });
  assert.equal(Total, 1);
  assert.equal(Sessions[0].SessionID, live.sessionId);
  assert.equal(Sessions[0].StartTimestamp, String(clock.now() / 1000));
  assert.equal(Sessions[0].AcceptTimestamp, '0');
  assert.equal(Sessions[0].SessionStatus, 'seatJoining');
});

test('signed links play for a day, byte for byte as they are given out; then a new one must be requested', async (t) => {
  const { simulator, clock } = await start(t, { agents: [{ mail: 'a@example.com' }] });
  const played = simulator.playCall([...simulator.contactCenter.agents.values()]);
  const link = simulator.storage.signedLink(played.recordId);
  assert.match(link, /[+%]/);
  const fetched = await request(link);
  const bytes = Buffer.from(await fetched.body.arrayBuffer());
  assert.equal(fetched.headers['content-type'], 'audio/mpeg');
  assert.equal(bytes.readUInt16BE(0) & 0xffe0, 0xffe0, 'an MPEG frame');
  assert.equal((await request(link.replaceAll('%2F', '/').replaceAll('+', '%2B'))).statusCode, 403);
  await clock.advance(86_400_000);
  assert.equal((await request(link)).statusCode, 403);
  assert.equal((await request(simulator.storage.signedLink(played.recordId))).statusCode, 200);
});

test('the demo lives by itself, and the same seed plays the same day', async (t) => {
  const play = async () => {
    const clock = createManualClock();
    const receiver = await startReceiver(t, yes);
    const source = await tencentDemo.start({ clock, seed: 5 });
    source.connect!(receiver.url.replace('/hooks/desk', ''));
    const stopAt = clock.now() + 90_000;
    while (clock.now() < stopAt) await clock.advance(1000);
    await source.close();
    const pushed = receiver.received.map(({ url, body }) => {
      const { SessionId, RecordId, EndpointUser } = JSON.parse(body);
      return [url, SessionId, RecordId, EndpointUser].join(' ');
    });
    return { pushed, settings: source.settings };
  };
  const [first, second] = [await play(), await play()];
  assert.equal(first.settings.vendor, 'tencent');
  assert.ok(first.pushed.length >= 9, `${first.pushed.length} pushes`);
  assert.ok(first.pushed.every((push) => push.startsWith('/hooks/desk?action=')));
  assert.deepEqual(first.pushed.toSorted(), second.pushed.toSorted());
});
