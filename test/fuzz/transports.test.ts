/** Sends anything to the transports of the whole product: none answers 500, hangs or logs a bug of ours; and all answer the next client. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { readConfiguration } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startTapegraph, type Tapegraph } from '../../src/main.ts';
import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { createListLog } from '../support/list-log.ts';
import { fuzzRuns } from './runs.ts';

const { log, lines } = createListLog();
let simulator: Awaited<ReturnType<typeof startHuaweiSimulator>>;
let tapegraph: Tapegraph;

before(async () => {
  simulator = await startHuaweiSimulator({ clock: systemClock });
  const sources = [
    { name: 'desk', vendor: 'tencent', sdkAppId: 1, push: { auth: { type: 'none' } }, mediaHosts: ['127.0.0.1'] },
    {
      name: 'mumbai',
      vendor: 'huawei',
      baseUrl: simulator.url,
      events: 'push',
      callbackUrl: 'http://127.0.0.1:1/hooks/mumbai',
      serviceToken: 'token',
      signInAtStart: false,
      agents: [{ id: '291', password: '', phone: '1' }],
    },
  ];
  const document = {
    server: { port: 0 },
    auth: { mode: 'none' },
    store: { url: 'sqlite::memory:' },
    media: { signingKey: 'x'.repeat(32) },
    sources,
  };
  tapegraph = await startTapegraph(readConfiguration(document, { modules: vendorModules, environment: {}, where: 'the test' }), {
    log,
    pagesDirectory: '/nowhere',
  });
});
after(async () => {
  await tapegraph.close(200);
  await simulator.close();
});

const soundAfter = async () => {
  const response = await fetch(`${tapegraph.url}/graphql?query=%7Bsources%7Bname%7D%7D`, { headers: { 'apollo-require-preflight': '1' } });
  assert.equal(response.status, 200);
  assert.deepEqual(
    lines.filter(({ level }) => level === 'error'),
    [],
  );
};

const fetchStatus = async (path: string, init: RequestInit = {}): Promise<number> => {
  const response = await fetch(`${tapegraph.url}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return response.status;
};

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', '0', '-1', '1e400', '1700000000', '__proto__', '9'.repeat(40)),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.dictionary(text, text, { maxKeys: 3 }),
);
const pushFields = [
  'SdkAppId',
  'SessionId',
  'RecordId',
  'RecordURL',
  'Caller',
  'Callee',
  'StartTimestamp',
  'Duration',
  'EndStatusString',
  'SeatUser',
  'ServeParticipants',
  'Timestamp',
  'Direction',
];
const push = fc.dictionary(fc.constantFrom(...pushFields), value);
const event = fc.record(
  {
    eventType: fc.constantFrom(
      'AgentEvent_Talking',
      'AgentEvent_Ringing',
      'AgentMediaEvent_Record',
      'AgentMediaEvent_StopRecordDone',
      'AgentState_Busy',
      'AgentEvent_Call_Release',
      'x',
    ),
    workNo: fc.constantFrom('291', 291, '292', null),
    content: fc.oneof(
      value,
      fc.dictionary(
        fc.constantFrom('callid', 'callId', 'caller', 'taskId', 'recordID', 'fileName', 'beginTime', 'endTime', 'otherPhone'),
        value,
      ),
    ),
    eventGenTime: value,
  },
  { requiredKeys: ['eventType'] },
);

describe('no 500 that a client can cause', { timeout: 3_600_000 }, () => {
  it('by a push', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('cdr', 'record', 'voicemail', 'specifiedSeat', 'imcdr', 'x'),
        fc.oneof(push, value),
        async (action, body) => {
          const status = await fetchStatus(`/hooks/desk?action=${action}`, { method: 'POST', body: JSON.stringify(body) ?? '' });
          assert.ok(status < 500, `${status} for ${JSON.stringify(body)}`);
        },
      ),
      fuzzRuns(),
    );
    await soundAfter();
  });

  it('by a pushed event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(event, value), { maxLength: 4 }), async (eventList) => {
        const status = await fetchStatus('/hooks/mumbai', {
          method: 'POST',
          headers: { service_token: 'token' },
          body: JSON.stringify({ workNo: '291', eventList }),
        });
        assert.ok(status < 500, `${status} for ${JSON.stringify(eventList)}`);
      }),
      fuzzRuns(),
    );
    await soundAfter();
  });

  it('by a media token', async () => {
    const part = fc.oneof(fc.base64String(), fc.string({ maxLength: 80 }), fc.json());
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 3 }), fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), async (parts, range) => {
        const status = await fetchStatus(`/media/${parts.map(encodeURIComponent).join('.')}`, {
          headers: { range: `bytes=${range.trim()}` },
        });
        assert.ok(status >= 400 && status < 500, `${status} for ${parts.join('.')}`);
      }),
      fuzzRuns(),
    );
    await soundAfter();
  });

  it('by bytes that are no WebSocket frames', async () => {
    const { port } = new URL(tapegraph.url);
    const head = `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: graphql-transport-ws\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }), async (frames) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(head);
        await once(socket, 'data');
        for (const frame of frames) socket.write(frame);
        socket.end();
        socket.resume();
        const late = setTimeout(() => socket.destroy(new Error('it hangs')), 10_000);
        const [failed] = await once(socket, 'close');
        clearTimeout(late);
        assert.ok(!failed || socket.errored?.message !== 'it hangs', 'it hangs');
      }),
      fuzzRuns(0.5),
    );
    await soundAfter();
  });
});
