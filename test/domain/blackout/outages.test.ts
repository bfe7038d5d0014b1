/** Tests what outages and refusals of real vendors over HTTP do to blackouts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { idleAgent, startUptivitySimulator, type UptivitySimulator } from '../../../src/simulators/uptivity/index.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { testFolder } from '../../support/test-folder.ts';
import { alice } from '../support/domain-harness.ts';
import { source as mumbai, openHuaweiSite } from '../support/huawei-site.ts';
import { join as joinSource } from '../support/joined.ts';

const agents = [1, 2];
const start = (port?: number) => startUptivitySimulator({ clock: systemClock, agents: agents.map((id) => idleAgent(id)), port });

describe('a blackout of a recorder that was away', () => {
  type Outage = (simulator: UptivitySimulator, reads: () => Promise<void>) => Promise<UptivitySimulator>;
  const outages: Record<string, Outage> = {
    'with connections refused, and has restarted': async (simulator) => {
      const port = Number(new URL(simulator.url).port);
      await simulator.close();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const next = await start(port);
      next.contactCenter.takeCall(next.agent(1));
      return next;
    },
    'with HTTP 503': async (simulator, reads) => {
      const heal = simulator.inject({ fault: { kind: 'status', status: 503 }, route: 'GET /api/Agent/GetAll' });
      await reads();
      heal();
      return simulator;
    },
    'with an empty list after a filled one': async (simulator, reads) => {
      const entries = [...simulator.tracker()];
      simulator.forget();
      await reads();
      for (const entry of entries) simulator.put(entry);
      return simulator;
    },
  };
  for (const [name, happen] of Object.entries(outages)) {
    test(`${name} is sent again at once, with MASK_LOST`, async (context: TestContext) => {
      let simulator = await start();
      context.after(() => simulator.close());
      const circuit = { failures: 1000 };
      const { url: baseUrl } = simulator;
      const settings = { name: 'hq', vendor: 'uptivity', baseUrl, timeZone: 'UTC', pollSeconds: 0.5, maxAgentBlackoutSeconds: 60, circuit };
      const { control, store, until } = await joinSource(context, 'hq', (server) =>
        uptivity.create(uptivity.settings.parse(settings), server),
      );
      simulator.contactCenter.takeCall(simulator.agent(1));
      const { blackout } = await control.startBlackout({ agent: { source: 'hq', identifier: 'ID', value: '1' } }, alice, 'c');
      const row = async () => (await store.blackouts.byIds([blackout.id]))[0]!;
      assert.ok(!(await row()).warnings.some(({ warning }) => warning === 'MASK_LOST'));
      const reads = async () => {
        const before = simulator.callsMade('GET /api/Agent/GetAll');
        await until('the list was read twice', () => simulator.callsMade('GET /api/Agent/GetAll') >= before + 2);
      };
      simulator.forgetRequests();
      simulator = await happen(simulator, reads);
      await until('it is sent again', async () => (await row()).warnings.some(({ warning }) => warning === 'MASK_LOST'));
      await until('the recorder has taken it', async () => (await row()).confirmation === 'ACCEPTED');
      const sent = simulator.requests.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body));
      assert.deepEqual(sent, [{ AgentIdentifier: 'Id', Value: '1' }]);
      assert.ok(simulator.isMasked(1));
      assert.equal((await row()).state, 'ACTIVE');
    });
  }
});

describe('a recorder that a server finds away when it starts', () => {
  const happenings: Record<string, (simulator: UptivitySimulator, port: number) => Promise<UptivitySimulator>> = {
    'with connections refused': async (_, port) => {
      const next = await start(port);
      next.contactCenter.takeCall(next.agent(1));
      return next;
    },
    'with an empty list': async (simulator) => {
      simulator.put(idleAgent(1));
      simulator.contactCenter.takeCall(simulator.agent(1));
      return simulator;
    },
  };
  for (const [name, happen] of Object.entries(happenings)) {
    test(`${name} is sent the blackout again as soon as it is back`, async (context) => {
      const folder = testFolder(context);
      const storeUrl = `sqlite:${join(folder, 'store.db')}`;
      let simulator = await start();
      context.after(() => simulator.close());
      const port = Number(new URL(simulator.url).port);
      const circuit = { failures: 1000 };
      const settings = uptivity.settings.parse({
        name: 'hq',
        vendor: 'uptivity',
        baseUrl: simulator.url,
        timeZone: 'UTC',
        pollSeconds: 0.5,
        maxAgentBlackoutSeconds: 60,
        circuit,
      });
      const serve = (test: TestContext) => joinSource(test, 'hq', (server) => uptivity.create(settings, server), { storeUrl });
      await context.test('is given one by an earlier server', async (earlier) => {
        const { control } = await serve(earlier);
        await control.startBlackout({ agent: { source: 'hq', identifier: 'ID', value: '1' } }, alice, 'c');
      });
      if (name === 'with an empty list') simulator.forget();
      else await simulator.close();
      const { source, store, until } = await serve(context);
      const { lastContactAt: before } = source.health();
      await until('it has had a request', () => source.health().lastError !== null || source.health().lastContactAt !== before);
      simulator = await happen(simulator, port);
      const row = async () => (await store.blackouts.open(['hq']))[0]!;
      await until('it is sent again', async () => (await row()).warnings.some(({ warning }) => warning === 'MASK_LOST'));
      await until('the recorder has taken it', async () => (await row()).confirmation === 'ACCEPTED');
      assert.ok(simulator.isMasked(1));
    });
  }
});

describe('a site that lets agents stop but not start recordings', () => {
  test('and says so by selfRecord: false, has neither starts nor blackouts, for that reason', async (context) => {
    const site = await openHuaweiSite(context, { settings: { selfRecord: false }, switches: { selfRecord: false } });
    const isUnsupported = (error: unknown) => {
      assert.ok(error instanceof ExpectedError);
      assert.equal(error.code, 'UNSUPPORTED');
      assert.match(error.message, /selfRecord: false/);
      return true;
    };
    await assert.rejects(site.startBlackout(), isUnsupported);
    const startRecording = { action: 'startRecording' as const, agent: { source: mumbai, identifier: 'ID' as const, value: '291' } };
    await assert.rejects(site.during(site.control.run(startRecording, alice, 'c')), isUnsupported);
    const { control, blackouts, notes } = site.source;
    assert.deepEqual([control!.START_RECORDING, blackouts, typeof control!.STOP_RECORDING], [undefined, undefined, 'function']);
    for (const operation of ['START_RECORDING', 'START_BLACKOUT', 'STOP_BLACKOUT', 'RENEW_BLACKOUT'] as const)
      assert.match(notes![operation]!, /selfRecord: false/);
  });

  test('tells 500-011 in the command, the warnings, the capability and the health, and is sent starts all the same', async (context) => {
    const site = await openHuaweiSite(context, { switches: { selfRecord: false, recordDelayMs: 100 } });
    const { simulator, pass, store } = site;
    const { callId } = simulator.contactCenter.ring('291');
    await pass(300);
    simulator.contactCenter.talk('291', callId);
    await pass(2_000);
    const { blackout } = await site.startBlackout();
    await pass(2_000);
    const { command } = await site.stopBlackout();
    await pass(1_000);
    const stopping = await site.row(blackout.id);
    assert.equal(stopping.state, 'STOPPING');
    assert.ok(stopping.warnings.some(({ warning, at }) => warning === 'STOP_FAILING' && Date.parse(at) > 0));
    const [reported] = await store.commands.byIds([command.id]);
    assert.deepEqual([reported!.status, reported!.problem!.vendorCode], ['PENDING', '500-011']);
    assert.match(site.source.notes!.START_RECORDING!, /refused a start with 500-011/);
    assert.match(site.source.notes!.STOP_BLACKOUT!, /selfRecord: false/);
    assert.equal(site.source.health().status, 'DEGRADED');
    const sent = simulator.calls('beginRecord');
    await pass(20_000, 500);
    assert.ok(simulator.calls('beginRecord') >= sent + 2, 'starts are still sent');
    simulator.switches.selfRecord = true;
    await pass(10_000, 200);
    assert.equal((await site.row(blackout.id)).state, 'ENDED');
    assert.notEqual(simulator.contactCenter.recordingOf('291'), null);
    assert.equal(site.source.health().status, 'UP');
  });
});
