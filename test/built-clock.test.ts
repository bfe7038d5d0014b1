/** The built bundle, started while the machine's clock is an hour ahead, which is then set right. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { systemClock } from '../src/lib/clock.ts';
import { startUptivitySimulator } from '../src/simulators/uptivity/index.ts';
import { skipUnbuilt, startBundle } from './support/bundle.ts';
import { testFolder } from './support/test-folder.ts';

const hourMs = 3_600_000;

/** Loaded before the bundle: the wall clock is an hour ahead until SIGUSR2 sets it right; time since the start goes on as ever. */
const wrongClock = `
  const RealDate = Date;
  let aheadMs = ${hourMs};
  process.on('SIGUSR2', () => { aheadMs = 0; });
  globalThis.Date = class extends RealDate {
    constructor(...given) { if (given.length === 0) super(RealDate.now() + aheadMs); else super(...given); }
    static now() { return RealDate.now() + aheadMs; }
  };`;

test('a clock that is set right makes no token expired, refuses no start and freezes no agent', {
  skip: skipUnbuilt,
  timeout: 60_000,
}, async (context) => {
  const folder = testFolder(context);
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] });
  const issuer = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(keys)).listen(
    0,
    '127.0.0.1',
  );
  await once(issuer, 'listening');
  context.after(() => issuer.close());
  const simulator = await startUptivitySimulator({ clock: systemClock, agents: 2 });
  context.after(simulator.close);
  const jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json`;
  const file = join(folder, 'tapegraph.json');
  writeFileSync(
    file,
    JSON.stringify({
      server: { port: 0 },
      auth: { mode: 'jwt', jwt: { issuer: 'https://id.example.com/', audience: 'tapegraph', jwksUrl } },
      store: { url: `sqlite:${join(folder, 'tapegraph.db')}` },
      sources: [{ name: 'hq', vendor: 'uptivity', baseUrl: simulator.url, timeZone: 'America/New_York', pollSeconds: 1 }],
    }),
  );
  writeFileSync(join(folder, 'wrong-clock.mjs'), wrongClock);
  const { child, url, said } = await startBundle(context, ['--config', file], {
    cwd: folder,
    nodeOptions: ['--import', join(folder, 'wrong-clock.mjs')],
  });

  const scope = 'agents:read blackouts:control';
  const token = await new SignJWT({ iss: 'https://id.example.com/', aud: 'tapegraph', sub: 'ada', scope })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setExpirationTime('5m')
    .sign(privateKey);
  const ask = async (query: string, variables: object = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as JSON.
    return { status: response.status, data: ((await response.json()) as { data?: any }).data };
  };
  const state = '{ agents { nodes { externalId observedAt activeCall { startedAt } } } sources { health { status clockDifference } } }';
  const until = async (name: string, isReached: (answer: Awaited<ReturnType<typeof ask>>) => boolean) => {
    for (let answer = await ask(state); ; answer = await ask(state)) {
      if (isReached(answer)) return answer.data;
      if (!context.signal.aborted) await new Promise((done) => setTimeout(done, 100));
      else throw new Error(`${name} did not come: ${JSON.stringify(answer)}`);
    }
  };

  assert.equal((await ask(state)).status, 401, 'an hour ahead, the token has expired');
  child.kill('SIGUSR2');
  await until('the token', ({ status }) => status === 200);
  const startAt = new Date(Date.now() + 5_000).toISOString();
  const start = `mutation ($at: DateTime!) {
    startBlackout(input: { agent: { key: { source: "hq", identifier: ID, value: "1" } }, startAt: $at }) {
      ... on BlackoutSuccess { blackout { state startsAt } }
      ... on Problem { code message }
    }
  }`;
  const { startBlackout } = (await ask(start, { at: startAt })).data;
  assert.deepEqual(startBlackout, { blackout: { state: 'SCHEDULED', startsAt: startAt } });
  simulator.contactCenter.takeCall(simulator.agent(2));
  const { agents, sources } = await until('the call', ({ data }) => {
    const agent = data?.agents.nodes.find(({ externalId }: { externalId: string }) => externalId === '2');
    return (
      agent?.activeCall != null &&
      Math.abs(Date.parse(agent.observedAt) - Date.now()) < 10_000 &&
      Math.abs(Date.parse(agent.activeCall.startedAt) - Date.now()) < 10_000 &&
      data.sources[0].health.status === 'UP'
    );
  });
  for (const { observedAt } of agents.nodes) assert.ok(Date.parse(observedAt) <= Date.now() + 1_000, observedAt);
  assert.equal(sources[0].health.status, 'UP');

  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual((await exit)[0], 0, said());
});
