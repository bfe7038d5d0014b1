/** The contract suite of the vendor port: what the server relies on, held against a vendor and its simulator over real sockets. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Agent } from '../../../domain/model/entities.ts';
import type { AgentIdentifier } from '../../../domain/model/enums.ts';
import { isExpectedError } from '../../../domain/model/errors.ts';
import type { AgentSnapshot, Observation } from '../../../domain/model/observation.ts';
import type { VendorModule } from '../define-vendor.ts';
import { type Alteration, alterations, largeId, startAlteringProxy } from './altering-proxy.ts';
import { checkCapabilities, checkObservations, namedBy } from './checks.ts';
import { faultCodes } from './fault-codes.ts';
import { type Fault, faults, hangs, startFaultServer } from './fault-server.ts';
import type { RunningHarness, VendorHarness } from './harness.ts';
import { agentOf, type VendorOperation } from './operations.ts';
import { clock, hastySeconds, never, outcome, patientSeconds, startUnderTest } from './under-test.ts';

const agentFields = ({ observations }: AgentSnapshot): object[] =>
  observations.flatMap((observation) => (observation.type === 'agent' ? [observation.agent] : []));

/**
 * Registers the suite with node:test. `harness` is the vendor's own; a vendor without one fails, so that none is in the registry that nothing
 * holds to its port.
 */
export const testVendor = (module: VendorModule, harness: VendorHarness | undefined): void => {
  describe(`${module.type} keeps the contract of a vendor`, () => {
    if (!harness) {
      test('it brings a harness', () => assert.fail(`${module.type} has no harness: write one, so that the suite can run it`));
      return;
    }

    const begin = async (t: TestContext): Promise<RunningHarness> => {
      const running = await harness.start(clock);
      t.after(() => running.simulator.close());
      return running;
    };

    test('what it can do is there, and what it cannot is absent', async (t) => {
      const running = await begin(t);
      checkCapabilities((await startUnderTest(t, module, running, running.simulator.url)).source);
    });

    test('lists and look-ups agree; the unknown are null, in order', async (t) => {
      const running = await begin(t);
      const { source } = await startUnderTest(t, module, running, running.simulator.url);
      if (!source.agents) return;
      const listed = await source.agents.list(never);
      checkObservations(listed.flatMap(({ observations }) => observations));
      assert.ok(
        listed.some(({ agent }) => agent === running.agent),
        `${running.agent} is listed`,
      );
      const { byIdentifiers, identifiers } = source.agents;
      const found = async (identifier: AgentIdentifier, ...values: string[]): Promise<readonly unknown[]> => {
        const lookups = values.map((value) => ({ identifier, value }));
        const answers = await byIdentifiers(lookups, never).catch((error: unknown) =>
          assert.fail(`byIdentifiers answers null for an unknown agent, and threw: ${(error as Error).message}`),
        );
        return answers.map((answer) => answer?.agent ?? answer);
      };
      assert.deepEqual(
        await found('ID', '9999999', running.agent, running.agent),
        [null, running.agent, running.agent],
        'byIdentifiers gives one answer a lookup, in order, and null for an agent that is unknown',
      );
      assert.deepEqual(await found('ID'), [], 'byIdentifiers answers no lookups by an empty list');
      const agent = Object.assign({}, ...listed.filter((one) => one.agent === running.agent).flatMap(agentFields)) as Partial<Agent>;
      for (const identifier of identifiers) {
        const value = identifier === 'ID' ? null : agent[namedBy[identifier]];
        if (typeof value !== 'string' || value.trim() === '') continue;
        const understood = value.trim().toLowerCase();
        assert.deepEqual(
          await found(identifier, understood),
          [running.agent],
          `byIdentifiers finds an agent by the ${identifier} that is listed, in lower case`,
        );
      }
      if (source.recordings) checkObservations(await source.recordings.list({ agents: [running.agent] }, never));
    });

    const meetFaults = async (t: TestContext, some: readonly Fault[], timeoutSeconds: number): Promise<void> => {
      const running = await begin(t);
      const server = await startFaultServer(running.simulator.url);
      t.after(() => server.close());
      const under = await startUnderTest(t, module, running, server.url, timeoutSeconds);
      // A download comes first: of one that is only no audio, the connection is well, and health follows the newest exchange.
      const operations = under.operations.toSorted((left, right) => Number(right.kind === 'media') - Number(left.kind === 'media'));
      for (const fault of some) {
        await server.set(fault);
        const meet = async (operation: VendorOperation): Promise<void> => {
          const error = await outcome(under, fault, operation);
          // Where agents sign in, a fault before may have cost the session.
          const isSignedOut = under.source.control?.SIGN_IN_AGENT !== undefined && error?.code === 'NOT_SIGNED_IN';
          const allowed = faultCodes[fault][operation.kind];
          assert.ok(isSignedOut || allowed.includes(error?.code ?? null), `${fault}: ${operation.name} is ${error?.code ?? 'a success'}`);
          if (fault === 'refused')
            assert.ok(error?.notSent || error?.code !== 'VENDOR_UNAVAILABLE', `${fault}: ${operation.name} was not sent`);
        };
        // Waited for side by side; floods for all at once would keep this process from hearing anything else.
        if (hangs.includes(fault)) await Promise.all(operations.map(meet));
        else for (const operation of operations) await meet(operation);
        if (under.operations.length > 0 && fault !== 'status 404') {
          assert.notEqual(under.source.health().status, 'UP', `${fault} shows in the health`);
        }
        await server.set(null);
        running.forget?.();
        await under.warm();
      }
    };

    test('every fault of the connection is reported by its kind and shows in the health', (t) =>
      meetFaults(
        t,
        faults.filter((fault) => !hangs.includes(fault)),
        patientSeconds,
      ));

    test('a vendor that hangs is given up within the deadline, which is reported and shows in the health', { timeout: 120_000 }, (t) =>
      meetFaults(t, hangs, hastySeconds),
    );

    test('a caller who gives up is let go at once', async (t) => {
      const running = await begin(t);
      const server = await startFaultServer(running.simulator.url);
      t.after(() => server.close());
      const under = await startUnderTest(t, module, running, server.url, 10);
      await server.set('stall');
      for (const operation of under.operations) {
        const caller = new AbortController();
        const beganMs = clock.monotonicMs();
        const work = operation.run(caller.signal);
        setTimeout(() => caller.abort(), 50);
        await work.catch(() => undefined);
        assert.ok(clock.monotonicMs() - beganMs < 5000, `${operation.name} does not let go: hand its signal on to the request`);
      }
    });

    test('a command that broke off is not sent again', async (t) => {
      const running = await begin(t);
      const server = await startFaultServer(running.simulator.url);
      t.after(() => server.close());
      const under = await startUnderTest(t, module, running, server.url);
      for (const operation of under.operations.filter(({ kind, name }) => kind === 'command' && name !== 'SIGN_IN_AGENT')) {
        await server.set('reset before the answer');
        const before = server.metRequests.length;
        await outcome(under, 'reset', operation);
        // Whoever reads first may read again; what is no read is there once, unless it does no more when it comes twice.
        const sent = server.metRequests.slice(before).filter((line) => !line.startsWith('GET ') && !running.repeatable?.test(line));
        const advice = "name in the harness's `repeatable` what may be sent twice";
        assert.ok(new Set(sent).size === sent.length, `${operation.name} was sent again: ${sent.join(', ')} (${advice})`);
        await server.set(null);
        await under.warm();
      }
    });

    for (const how of Object.keys(alterations) as Alteration[]) {
      test(`answers in ${how} are the same answers`, async (t) => {
        const running = await begin(t);
        const proxy = await startAlteringProxy(running.simulator.url);
        t.after(() => proxy.close());
        const under = await startUnderTest(t, module, running, proxy.url);
        proxy.alter(how);
        for (const operation of under.operations.filter(({ kind }) => kind === 'read')) {
          assert.equal(await outcome(under, how, operation), null, `${operation.name} with ${how}`);
        }
        const listed = (await under.source.agents?.list(never)) ?? [];
        checkObservations(listed.flatMap(({ observations }) => observations));
        if (under.source.recordings) checkObservations(await under.source.recordings.list({ agents: [running.agent] }, never));
        const { agent } = running;
        const isAltered =
          how === 'ids beyond 2^53' && proxy.altered() > 0 && /^\d+$/.test(agent) && !listed.some((one) => one.agent === agent);
        if (isAltered) assert.ok(listed.every((one) => one.agent === largeId));
      });
    }

    test('an identifier that several agents bear names none of them', async (t) => {
      const running = await begin(t);
      const { source } = await startUnderTest(t, module, running, running.simulator.url);
      if (!source.agents || !running.addBearer) return;
      const lookup = running.addBearer();
      const agents = source.agents;
      const bearers = agents.bearers ? await agents.bearers(lookup, never) : await agents.list(never);
      const names = (observation: Observation): boolean =>
        observation.type === 'agent' && Object.values(observation.agent).some((value) => value === lookup.value);
      assert.ok(bearers.filter(({ observations }) => observations.some(names)).length >= 2, 'the list shows every bearer');
      // A vendor whose list shows the identifiers of everyone is searched by the server itself.
      if (agents.listFindsAll) return;
      await assert.rejects(agents.byIdentifiers([lookup], never), (error) => isExpectedError(error) && error.code === 'CONFLICT');
    });

    test('a blackout starts, starts again and stops at the vendor, as its support says', { timeout: 30_000 }, async (t) => {
      const running = await begin(t);
      const { source, context } = await startUnderTest(t, module, running, running.simulator.url);
      if (!source.blackouts) return;
      running.startCall?.();
      const agent = agentOf(source.name, running.agent);
      if (source.blackouts.support === 'NATIVE') {
        await source.blackouts.start!({ operation: 'START_BLACKOUT', agent }, never);
        await source.blackouts.start!({ operation: 'START_BLACKOUT', agent }, never);
        await source.blackouts.stop!({ operation: 'STOP_BLACKOUT', agent }, never);
        return;
      }
      const observing = new AbortController();
      t.after(() => observing.abort());
      const observed = source.observer?.run(observing.signal);
      const isRecording = (observation: Observation): boolean =>
        observation.type === 'recording' && observation.recording.state === 'RECORDING' && observation.recording.fileName != null;
      const batch = await context.batch(({ observations }) => observations.some(isRecording));
      const recording = batch.observations.find(isRecording) as Observation & { type: 'recording' };
      const fileName = recording.recording.fileName!;
      await source.control!.STOP_RECORDING!({ operation: 'STOP_RECORDING', agent }, never);
      const isOver = (one: Observation): boolean => one.type === 'recording' && one.recording.state === 'STOPPED';
      await context.batch(({ observations }) => observations.some(isOver));
      const command = { operation: 'START_RECORDING', agent, mode: 'APPEND', fileName } as const;
      const answer = await source.control!.START_RECORDING!(command, never);
      assert.equal(answer.recording, recording.recording.externalId, 'it goes on in the same recording');
      observing.abort();
      await observed;
    });

    test('its audio is audio', async (t) => {
      const running = await begin(t);
      const under = await startUnderTest(t, module, running, running.simulator.url);
      const media = under.operations.find(({ kind }) => kind === 'media');
      if (!media || !running.plays) return;
      const length = (await media.run(never)) as number;
      assert.ok(length > 0, 'it has bytes');
      if (!under.source.media!.ranges || length < 4) return;
      const { range, body, close } = await under.source.media!.open(under.recording!, { range: { start: 1, end: 2 }, signal: never });
      let partLength = 0;
      for await (const chunk of body) partLength += chunk.length;
      close();
      assert.deepEqual(
        [range, partLength],
        [{ start: 1, end: 2, total: length }, 2],
        'media.ranges is true only if the vendor sends the part that was requested',
      );
    });
  });
};
