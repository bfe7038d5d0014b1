import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import type { Fault } from '../../../src/simulators/miralix/switches.ts';
import { miralixSettings } from '../../../src/vendors/miralix/settings.ts';
import { never, startMiralix } from './fixture.ts';

const failure = async (promise: Promise<unknown>): Promise<ExpectedError> => {
  const error = await promise.then(() => null).catch((caught: unknown) => caught);
  assert.ok(error instanceof ExpectedError, String(error));
  return error;
};

test('a bad secret and a missing licence are distinguished, and shown in health', async (t) => {
  const { simulator, source } = await startMiralix(t, { settings: { sharedSecret: 'wrong-secret' } });
  const wrong = await failure(source.agents!.list(never));
  assert.equal(wrong.code, 'VENDOR_REJECTED');
  assert.equal(wrong.vendorCode, '401');
  assert.match(wrong.message, /sharedSecret/);
  assert.doesNotMatch(wrong.message, /wrong-secret|127\.0\.0\.1/);
  assert.equal(simulator.requests.length, 1, 'a bad secret is not tried in other ways');
  assert.equal(source.health().status, 'DEGRADED');

  const licensed = await startMiralix(t, { simulator: { switches: { version: '7.1', licensed: false } } });
  const missing = await failure(licensed.source.recordings!.list({ agents: ['1'] }, never));
  assert.equal(missing.vendorCode, '403');
  assert.match(missing.message, /licence/);
  assert.match(licensed.source.health().lastError ?? '', /licence/);
  licensed.simulator.switches.licensed = true;
  await licensed.source.recordings!.list({ agents: ['1'] }, never);
  assert.equal(licensed.source.health().status, 'UP');
});

test('below 7.1 there are no licences, so that 403 speaks of the secret', async (t) => {
  const { simulator, source } = await startMiralix(t, { simulator: { switches: { version: '7.0' } } });
  simulator.faults.push({ matches: /recordings/, fault: { kind: 'status', status: 403 } });
  assert.match((await failure(source.recordings!.list({ agents: ['1'] }, never))).message, /sharedSecret/);
});

test('an agent whom the vendor does not know has no recordings', async (t) => {
  const { source } = await startMiralix(t, { simulator: { switches: { version: '6.5' } } });
  assert.deepEqual(await source.recordings!.list({ agents: ['99'] }, never), []);
});

const faults: readonly [string, Fault, string][] = [
  ['400', { kind: 'status', status: 400 }, 'VENDOR_REJECTED'],
  ['500', { kind: 'status', status: 500, body: '{"Message":"…"}' }, 'VENDOR_UNAVAILABLE'],
  ['a web page', { kind: 'page' }, 'VENDOR_UNAVAILABLE'],
  ['half of a JSON', { kind: 'halfJson' }, 'VENDOR_UNAVAILABLE'],
  ['an object for a list', { kind: 'body', body: '{"Message":"no"}' }, 'VENDOR_UNAVAILABLE'],
  ['a reset', { kind: 'reset' }, 'VENDOR_UNAVAILABLE'],
  ['silence', { kind: 'stall' }, 'VENDOR_TIMEOUT'],
];
for (const [name, fault, code] of faults) {
  test(`recordings answered with ${name}: ${code}`, async (t) => {
    const { simulator, source, context } = await startMiralix(t, { settings: { timeoutSeconds: 0.2, listTimeoutSeconds: 0.2 } });
    simulator.faults.push({ matches: /recordings/, fault });
    const error = await failure(source.recordings!.list({ agents: ['1'] }, never));
    assert.equal(error.code, code);
    assert.doesNotMatch(error.message, /127\.0\.0\.1|simulated-secret/);
    assert.equal(source.health().status === 'UP', false);
    assert.equal(context.batches.length, 0);
  });
}

test('settings: every fault at once, and an unquoted version', () => {
  const good = {
    name: 'greenbox',
    vendor: 'miralix',
    baseUrl: 'http://192.168.1.10',
    account: 'greenbox',
    sharedSecret: 'x',
    version: '6.5',
  };
  assert.equal(miralixSettings.parse(good).pollSeconds, 30);
  assert.equal(miralixSettings.parse({ ...good, version: 7 }).version, '7.0');
  const { sharedSecret, account, ...half } = good;
  const result = miralixSettings.safeParse({ ...half, version: '5.0', colour: 'green' });
  const paths = result.error?.issues.map((issue) => issue.path.join('.') || issue.code).sort();
  assert.deepEqual(paths, ['account', 'sharedSecret', 'unrecognized_keys', 'version']);
});

test('what the vendor cannot do is absent', async (t) => {
  const { source } = await startMiralix(t);
  for (const absent of ['control', 'blackouts', 'webhook'] as const) assert.equal(source[absent], undefined);
});

const everything: readonly [string, Fault][] = [
  ['an empty 404', { kind: 'status', status: 404 }],
  ['a 404 page', { kind: 'status', status: 404, body: '<!DOCTYPE html><html><body>Server Error in Application</body></html>' }],
];
for (const [name, fault] of everything) {
  test(`${name} to everything is a wrong address, and shows in health until it is over`, async (t) => {
    const { simulator, source, context } = await startMiralix(t, { agents: 2 });
    simulator.faults.push({ matches: /./, fault });
    assert.equal((await failure(source.agents!.list(never))).code, 'VENDOR_REJECTED');
    const { status, lastError } = source.health();
    assert.equal(status, 'DEGRADED');
    assert.match(lastError ?? '', /404.*check the source's address/);
    assert.equal(context.batches.length, 0);
    simulator.faults.length = 0;
    assert.equal((await source.agents!.list(never)).length, 2);
    await source.recordings!.list({ agents: ['1', '2', '3'] }, never);
    assert.deepEqual([source.health().status, source.health().lastError], ['UP', null]);
  });
}

test('a 404 page in answer to an agent, a list or a download says nothing of it', async (t) => {
  const { simulator, source, context } = await startMiralix(t);
  simulator.faults.push({ matches: /id|recordings/, fault: { kind: 'status', status: 404, body: '<html>Not found</html>' } });
  assert.equal((await failure(source.recordings!.list({ agents: ['1'] }, never))).vendorCode, '404');
  assert.equal(source.health().status, 'DEGRADED');
  assert.deepEqual([context.batches.length, context.deadLetters.length], [0, 0]);
});
