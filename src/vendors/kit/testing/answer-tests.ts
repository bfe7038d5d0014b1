/** Tests of what a source can do, and of its answers in each encoding. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agent } from '../../../domain/model/entities.ts';
import type { AgentIdentifier } from '../../../domain/model/enums.ts';
import { isExpectedError } from '../../../domain/model/errors.ts';
import type { AgentSnapshot, Observation } from '../../../domain/model/observation.ts';
import { type Alteration, alterations, largeId, startAlteringProxy } from './altering-proxy.ts';
import { checkCapabilities, checkObservations, namedBy } from './checks.ts';
import type { Suite } from './suite.ts';
import { never, outcome, startUnderTest } from './under-test.ts';

const agentFields = ({ observations }: AgentSnapshot): object[] =>
  observations.flatMap((observation) => (observation.type === 'agent' ? [observation.agent] : []));

const testLookUps = ({ module, begin }: Suite): void => {
  test('lists and look-ups agree; the unknown are null, in order', async (t) => {
    const running = await begin(t);
    const { source } = await startUnderTest(t, { module, running });
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
};

const testAlterations = ({ module, begin }: Suite): void => {
  for (const how of Object.keys(alterations) as Alteration[]) {
    test(`answers in ${how} are the same answers`, async (t) => {
      const running = await begin(t);
      const proxy = await startAlteringProxy(running.simulator.url);
      t.after(() => proxy.close());
      const under = await startUnderTest(t, { module, running, url: proxy.url });
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
};

export const testAnswers = (suite: Suite): void => {
  const { module, begin } = suite;
  test('what it can do is there, and what it cannot is absent', async (t) => {
    const running = await begin(t);
    checkCapabilities((await startUnderTest(t, { module, running })).source);
  });

  testLookUps(suite);
  testAlterations(suite);

  test('an identifier that several agents bear names none of them', async (t) => {
    const running = await begin(t);
    const { source } = await startUnderTest(t, { module, running });
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
};
