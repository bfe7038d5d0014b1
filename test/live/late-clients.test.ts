/** Tests that a client that connects late to a blackout sees its warnings with their times, and why its stop does not succeed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPair } from '../support/tapegraph.ts';
import { transports } from './transports.ts';

interface ShownBlackout {
  state: string;
  warnings: { warning: string; at: string }[];
  commands: { operation: string; status: string; problem: { code: string; message: string } | null }[];
}

const fields = 'state warnings { warning at } commands { operation status problem { code message } }';

test('a query and a stream that are opened late report the warnings and the newest problem of a stop', async (context) => {
  const { simulator, url, ask } = await startPair(context, { agents: 1 }, { pollSeconds: 0.2 });
  simulator.contactCenter.takeCall(simulator.agent(1));
  const input = { agent: { key: { source: 'hq', identifier: 'ID', value: '1' } } };
  const send = async (name: 'start' | 'stop') => {
    const type = `${name === 'start' ? 'Start' : 'Stop'}BlackoutInput!`;
    const query = `mutation ($input: ${type}) { ${name}Blackout(input: $input) { __typename ... on Problem { message } } }`;
    const answer = await ask(query, { input });
    assert.ok(answer.data, JSON.stringify(answer));
  };
  const first = simulator.inject({ fault: { kind: 'status', status: 500 }, route: 'POST /api/Blackout/StopForAgent' });
  await send('start');
  await send('stop');
  const look = async (): Promise<ShownBlackout> => (await ask(`{ blackouts(first: 1) { nodes { ${fields} } } }`)).data.blackouts.nodes[0];
  const stopOf = ({ commands }: ShownBlackout) => commands.find(({ operation }) => operation === 'STOP_BLACKOUT')!;
  await context.waitFor(async () => assert.match(stopOf(await look()).problem!.message, /HTTP 500/));
  first();
  simulator.inject({ fault: { kind: 'status', status: 503 }, route: 'POST /api/Blackout/StopForAgent' });
  await context.waitFor(async () => assert.match(stopOf(await look()).problem!.message, /HTTP 503/), { timeout: 15_000 });
  const check = ({ state, warnings, commands }: ShownBlackout) => {
    assert.equal(state, 'STOPPING');
    const failing = warnings.find(({ warning }) => warning === 'STOP_FAILING')!;
    assert.ok(Math.abs(Date.parse(failing.at) - Date.now()) < 60_000, failing.at);
    const { status, problem } = commands.find(({ operation }) => operation === 'STOP_BLACKOUT')!;
    assert.deepEqual([status, problem!.code], ['PENDING', 'VENDOR_UNAVAILABLE']);
    assert.match(problem!.message, /HTTP 503/);
  };
  check(await look());
  const stream = await transports.WebSocket!(
    context,
    url,
    `subscription { blackoutChanged { id position at snapshot gap blackout { ${fields} } } }`,
  );
  await context.waitFor(() => assert.ok(stream.received.length > 0));
  const [opening] = stream.received as unknown as { snapshot: boolean; blackout: ShownBlackout }[];
  assert.equal(opening!.snapshot, true);
  check(opening!.blackout);
});
