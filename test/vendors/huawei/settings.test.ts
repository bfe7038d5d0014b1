import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createGateway } from '../../../src/vendors/huawei/client.ts';
import { huaweiSettings, queuesOf } from '../../../src/vendors/huawei/settings.ts';
import { arrange, settingsFor } from './gateway.ts';

const good = {
  name: 'mumbai',
  vendor: 'huawei',
  baseUrl: 'https://ccgw.example.com:8043',
  agents: [{ id: '291', password: 'x', phone: '40038' }],
};
const faults = (settings: unknown) => huaweiSettings.safeParse(settings).error?.issues.map(({ path }) => path.join('.')) ?? [];

test('the documented block is enough, and its defaults are the documented ones', () => {
  const settings = huaweiSettings.parse({ ...good, events: 'poll', caFile: './ccgw-ca.pem', maxAgentBlackoutSeconds: 300 });
  assert.deepEqual(
    [settings.events, settings.authMode, settings.signInAtStart, settings.forceSignIn, settings.maxAgentBlackoutSeconds],
    ['poll', 'dynamic', true, false, 300],
  );
});

test('every fault is reported at once, half a push included', () => {
  assert.deepEqual(faults({ ...good, events: 'push' }), ['callbackUrl', 'serviceToken']);
  assert.deepEqual(faults({ ...good, events: 'push', serviceToken: 'abc' }), ['callbackUrl']);
  assert.deepEqual(faults({ ...good, events: 'push', callbackUrl: 'https://a.example/hooks/m', serviceToken: 'a b!' }), ['serviceToken']);
  assert.deepEqual(faults({ ...good, serviceToken: 'abc' }), ['serviceToken']);
  assert.deepEqual(faults({ ...good, agents: [...good.agents, ...good.agents] }), ['agents.1.id']);
  assert.deepEqual(faults({ ...good, baseUrl: 'ftp://x', agents: [{ id: '0', password: 'x'.repeat(33), phone: '' }] }), [
    'baseUrl',
    'agents.0.id',
    'agents.0.password',
    'agents.0.phone',
  ]);
  assert.deepEqual(faults({ ...good, agents: [{ id: '291', phone: '1' }] }), ['agents.0.password']);
  assert.deepEqual(faults({ ...good, events: 'push', timeoutSeconds: -1 }), ['timeoutSeconds', 'callbackUrl', 'serviceToken']);
  assert.ok(faults('huawei').length > 0);
  assert.ok(faults({}).includes('agents'));
});

test('the former names of the sign-in settings count where nothing contradicts them, and are a fault where something does', () => {
  const queues = (more: object) => queuesOf(huaweiSettings.parse({ ...good, ...more }));
  assert.deepEqual(
    [
      queues({}),
      queues({ joinSkills: true }),
      queues({ joinSkills: false }),
      queues({ skillIds: [3] }),
      queues({ joinSkills: true, skillIds: [3] }),
      queues({ signIn: { queues: 'all' } }),
      queues({ signIn: { queues: [4, 5] } }),
    ],
    [null, 'all', null, [3], [3], 'all', [4, 5]],
  );
  assert.deepEqual(faults({ ...good, joinSkills: false, signIn: { queues: 'all' } }), ['joinSkills']);
  assert.deepEqual(faults({ ...good, joinSkills: true, signIn: { queues: [4] } }), ['joinSkills']);
  assert.deepEqual(faults({ ...good, skillIds: [3], signIn: { queues: 'all' } }), ['skillIds']);
  assert.deepEqual(faults({ ...good, skillIds: [3], joinSkills: false }), ['skillIds']);
  assert.deepEqual(faults({ ...good, autoAnswer: false, signIn: { autoAnswer: true } }), ['autoAnswer']);
});

test('the resource path is added unless it is there', async (context) => {
  const { simulator, clock } = await arrange(context, { watch: false });
  for (const path of ['', '/', '/agentgateway/resource', '/agentgateway/resource/']) {
    const gateway = createGateway(settingsFor(`${simulator.url}${path}`, ['291']), { clock, measure: () => undefined });
    await assert.rejects(gateway.send({ operation: 'login', agent: '291', method: 'PUT', path: '/onlineagent/291', body: {} }), {
      vendorCode: '100-004',
    });
    await gateway.close();
  }
});

const pem = (name: string) => fileURLToPath(new URL(`./tls/${name}`, import.meta.url));
const tls = { key: readFileSync(pem('gateway.key'), 'utf8'), cert: readFileSync(pem('gateway.pem'), 'utf8') };

test('a gateway with a CA of its own is spoken to by caFile', async (context) => {
  const { pass, agent, source } = await arrange(context, { tls, settings: { caFile: pem('ca.pem') } });
  await source.agents!.list(new AbortController().signal);
  await pass(3_000);
  assert.equal(agent('291').status, 'IDLE');
});

test('without caFile its certificate is refused, with a reason that helps', async (context) => {
  const { source } = await arrange(context, { tls, watch: false });
  const signIn = source.control!.SIGN_IN_AGENT!(
    { operation: 'SIGN_IN_AGENT', agent: { externalId: '291' } as never },
    new AbortController().signal,
  );
  await assert.rejects(signIn, /caFile/);
});

const signInWith = async (context: TestContext, cert: string, settings: Record<string, unknown>) => {
  const site = await arrange(context, { agents: ['291', '292'], tls: { ...tls, cert: readFileSync(pem(cert), 'utf8') }, settings });
  await site.pass(3_000);
  return site;
};
const lastErrorOf = async (context: TestContext, cert: string, settings: Record<string, unknown>) =>
  (await signInWith(context, cert, settings)).source.health().lastError ?? '';

test('a gateway by its IP address is known by the name in its certificate', async (context) => {
  const trusted = { caFile: pem('named.pem') };
  const { agent } = await signInWith(context, 'named.pem', { ...trusted, tlsServerName: 'gateway.example.com' });
  assert.equal(agent('291').status, 'IDLE');
  assert.match(await lastErrorOf(context, 'named.pem', trusted), /for another host/);
  assert.match(await lastErrorOf(context, 'named.pem', { ...trusted, tlsServerName: 'other.example.com' }), /for another host/);
});

test('a gateway is known by the fingerprint of its certificate alone, on each of its connections', async (context) => {
  const fingerprint = new X509Certificate(readFileSync(pem('named.pem'))).fingerprint256;
  for (const spelled of [fingerprint, fingerprint.replaceAll(':', '').toLowerCase()]) {
    const { agent, source } = await signInWith(context, 'named.pem', { tlsFingerprint: spelled });
    assert.deepEqual([agent('291').status, agent('292').status, source.health().lastError], ['IDLE', 'IDLE', null]);
  }
  assert.match(await lastErrorOf(context, 'gateway.pem', { tlsFingerprint: fingerprint }), /another fingerprint than tlsFingerprint/);
});
