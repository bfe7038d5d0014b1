import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../src/simulators/uptivity/index.ts';
import { sampleAgent } from '../../../src/simulators/uptivity/index.ts';
import { commandFor, patience, startPair } from './source.ts';

const saying = (code: string, says: RegExp) => (error: Error & { code?: string }) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, says);
  assert.doesNotMatch(error.message, /http:|127\.0\.0\.1|secret/i);
  return true;
};

const faults: readonly [string, Fault, string, RegExp][] = [
  [
    'a server error',
    { kind: 'status', status: 500, body: '{"Message":"broken"}' },
    'VENDOR_UNAVAILABLE',
    /hq: GetAll was answered with HTTP 500/,
  ],
  ['a web page', { kind: 'body', body: '<!doctype html><title>Login</title>' }, 'VENDOR_UNAVAILABLE', /not JSON but a web page/],
  ['half a document', { kind: 'half' }, 'VENDOR_UNAVAILABLE', /is not JSON/],
  ['an answer that breaks off', { kind: 'cut' }, 'VENDOR_UNAVAILABLE', /connection/],
  ['an object for a list', { kind: 'body', body: '{"AgentId":2}' }, 'VENDOR_UNAVAILABLE', /not of the documented shape/],
  ['an agent without an id', { kind: 'body', body: '[{"AgentPhone":"5003"}]' }, 'VENDOR_UNAVAILABLE', /documented shape \(at 0\.AgentId\)/],
  [
    'a call that is a text',
    { kind: 'body', body: '[{"AgentId":2,"ActiveCall":"yes"}]' },
    'VENDOR_UNAVAILABLE',
    /documented shape \(at 0\.ActiveCall\)/,
  ],
  ['an empty body', { kind: 'body', body: '' }, 'VENDOR_UNAVAILABLE', /is not JSON/],
  ['a status outside the contract', { kind: 'status', status: 302 }, 'VENDOR_REJECTED', /HTTP 302.*baseUrl/],
];

for (const [what, fault, code, says] of faults) {
  test(`${what} is ${code}, and the source is well again with the next good answer`, async (t) => {
    const { simulator, source } = await startPair(t, { agents: 2 });
    const takeBack = simulator.inject({ fault });
    await assert.rejects(source.agents!.list(patience), saying(code, says));
    assert.notEqual(source.health().status, 'UP');
    assert.match(source.health().lastError ?? '', says);
    takeBack();
    assert.equal((await source.agents!.list(patience)).length, 2);
    assert.equal(source.health().status, 'UP');
  });
}

test('a vendor that does not answer is a timeout at the deadline, for reads and commands', async (t) => {
  const { simulator, source } = await startPair(t, { agents: [sampleAgent()] }, { timeoutSeconds: 0.2 });
  simulator.inject({ fault: { kind: 'stall', performed: true } });
  const startedAt = performance.now();
  await assert.rejects(source.agents!.list(patience), saying('VENDOR_TIMEOUT', /within 0\.2 s/));
  const took = performance.now() - startedAt;
  assert.ok(took >= 190 && took < 2000, `${took} ms`);
  await assert.rejects(
    source.control!.STOP_RECORDING!(commandFor('STOP_RECORDING'), patience),
    saying('VENDOR_TIMEOUT', /Record\/StopForAgent was not answered/),
  );
  assert.equal(simulator.callsMade('POST /api/Record/StopForAgent'), 1, 'a command is never sent twice');
  assert.equal(simulator.agent(2).ActiveCall?.Recordings[0]?.RecordingState, 'Stopped', 'although it may have been carried out');
});

test('a read survives one broken connection, a command is not sent again', async (t) => {
  const { simulator, source } = await startPair(t, { agents: [sampleAgent()] });
  simulator.inject({ fault: { kind: 'reset' }, times: 1 });
  assert.equal((await source.agents!.list(patience)).length, 1);
  assert.equal(simulator.callsMade('GET /api/Agent/GetAll'), 2);
  simulator.inject({ fault: { kind: 'reset' } });
  await assert.rejects(source.blackouts!.start!(commandFor('START_BLACKOUT'), patience), saying('VENDOR_UNAVAILABLE', /connection/));
  assert.equal(simulator.callsMade('POST /api/Blackout/StartForAgent'), 1);
});

test('a command whose server fails is unavailable, not refused', async (t) => {
  const { simulator, source } = await startPair(t, { agents: [sampleAgent()] });
  simulator.inject({ fault: { kind: 'status', status: 500 } });
  await assert.rejects(source.control!.START_RECORDING!(commandFor('START_RECORDING'), patience), saying('VENDOR_UNAVAILABLE', /HTTP 500/));
  assert.equal(simulator.callsMade(), 1);
});

test('basic credentials and headers are sent; wrong ones point at the settings', async (t) => {
  const credentials = { username: 'api', password: 'sécret:1' };
  const good = await startPair(t, { agents: [sampleAgent()], credentials }, { auth: { type: 'basic', ...credentials } });
  assert.equal((await good.source.agents!.list(patience)).length, 1);
  await good.source.blackouts!.start!(commandFor('START_BLACKOUT'), patience);

  const headers = { authorization: good.simulator.requests[0]!.headers.authorization, 'X-Api-Key': 'k1' };
  const keyed = await startPair(t, { agents: 1, credentials }, { auth: { type: 'headers', headers } });
  await keyed.source.agents!.list(patience);
  assert.equal(keyed.simulator.requests[0]?.headers['x-api-key'], 'k1');

  const bad = await startPair(
    t,
    { agents: [sampleAgent()], credentials },
    { auth: { type: 'basic', username: 'api', password: 'Secret' } },
  );
  await assert.rejects(bad.source.agents!.list(patience), saying('VENDOR_REJECTED', /HTTP 401; check the source's auth settings/));
  await assert.rejects(bad.source.blackouts!.start!(commandFor('START_BLACKOUT'), patience), saying('VENDOR_REJECTED', /auth settings/));
  assert.equal(bad.source.health().status, 'DEGRADED');
  bad.simulator.setCredentials(null);
  await bad.source.agents!.list(patience);
  assert.equal(bad.source.health().status, 'UP');
});

test('a path prefix comes before /api', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 1, pathPrefix: '/recorder' });
  assert.equal((await source.agents!.list(patience)).length, 1);
  assert.equal(simulator.requests[0]?.url, '/recorder/api/Agent/GetAll');
});

test('a caller that gives up is not a fault of the vendor', async (t) => {
  const { simulator, source } = await startPair(t, { agents: 1 });
  simulator.inject({ fault: { kind: 'stall' } });
  const caller = new AbortController();
  const reading = source.agents!.list(caller.signal);
  caller.abort(new Error('gone'));
  await assert.rejects(reading);
  assert.equal(source.health().status, 'UP');
});
