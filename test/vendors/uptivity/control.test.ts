import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlHandler, VendorCommand, VendorSource } from '../../../src/domain/ports/vendor.ts';
import { idleAgent, sampleAgent, type UptivitySimulator } from '../../../src/simulators/uptivity/index.ts';
import { commandFor, patience, startPair } from './source.ts';

type Extras = Omit<VendorCommand, 'operation' | 'agent'>;

const handlerOf = (source: VendorSource, operation: VendorCommand['operation']): ControlHandler => {
  const { start, stop } = source.blackouts!;
  const handler =
    operation === 'START_BLACKOUT'
      ? start
      : operation === 'STOP_BLACKOUT'
        ? stop
        : source.control![operation as keyof typeof source.control];
  assert.ok(handler, operation);
  return handler;
};

const send = (source: VendorSource, operation: VendorCommand['operation'], agent = '2', extras: Extras = {}) =>
  handlerOf(source, operation)(commandFor(operation, agent, extras), patience);

const lastPost = (simulator: UptivitySimulator) => simulator.requests.findLast(({ method }) => method === 'POST')!;

const bodies: readonly [VendorCommand['operation'], Extras, string, string][] = [
  ['START_RECORDING', {}, '/api/Record/StartForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  [
    'START_RECORDING',
    { metadata: [{ key: 'user1', value: 'x' }] },
    '/api/Record/StartForAgent',
    '{"AgentIdentifier":"Id","Value":"2","CallMetadata":{"user1":"x"}}',
  ],
  [
    'UPDATE_RECORDING',
    { metadata: [{ key: 'User2', value: '1234567890' }] },
    '/api/Record/UpdateForAgent',
    '{"AgentIdentifier":"Id","Value":"2","CallMetadata":{"user2":"1234567890"}}',
  ],
  [
    'START_DUPLICATE_RECORDING',
    { call: 'fe0b6231-1ffcce90-c84c9c5f@10.100.6.20' },
    '/api/Record/StartDuplicateForAgent',
    '{"AgentIdentifier":"Id","Value":"2","CallIdentifier":"fe0b6231-1ffcce90-c84c9c5f@10.100.6.20"}',
  ],
  ['START_DUPLICATE_RECORDING', {}, '/api/Record/StartDuplicateForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  ['STOP_DUPLICATE_RECORDING', {}, '/api/Record/StopDuplicateForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  ['STOP_RECORDING', {}, '/api/Record/StopForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  [
    'START_SCREEN_RECORDING',
    { metadata: [{ key: 'user1', value: 'API Initiated' }] },
    '/api/ScreenRecord/StartForAgent',
    '{"AgentIdentifier":"Id","Value":"2","CallMetadata":{"user1":"API Initiated"}}',
  ],
  [
    'UPDATE_SCREEN_RECORDING',
    { metadata: [{ key: 'user1', value: '<b>' }] },
    '/api/ScreenRecord/UpdateForAgent',
    '{"AgentIdentifier":"Id","Value":"2","CallMetadata":{"user1":"<b>"}}',
  ],
  ['STOP_SCREEN_RECORDING', {}, '/api/ScreenRecord/StopForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  ['START_BLACKOUT', {}, '/api/Blackout/StartForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  ['START_BLACKOUT', { offsetSeconds: 5 }, '/api/Blackout/StartForAgent', '{"AgentIdentifier":"Id","Value":"2","TimeOffset":5}'],
  [
    'START_BLACKOUT',
    { at: '2026-01-05T09:00:10.1234567Z', offsetSeconds: 5 },
    '/api/Blackout/StartForAgent',
    '{"AgentIdentifier":"Id","Value":"2","BlackoutStartTime":"2026-01-05T09:00:10.123Z"}',
  ],
  ['STOP_BLACKOUT', {}, '/api/Blackout/StopForAgent', '{"AgentIdentifier":"Id","Value":"2"}'],
  ['STOP_BLACKOUT', { offsetSeconds: 0 }, '/api/Blackout/StopForAgent', '{"AgentIdentifier":"Id","Value":"2","TimeOffset":0}'],
  [
    'STOP_BLACKOUT',
    { at: '2026-01-05T09:00:20Z' },
    '/api/Blackout/StopForAgent',
    '{"AgentIdentifier":"Id","Value":"2","BlackoutStopTime":"2026-01-05T09:00:20.000Z"}',
  ],
];

test('sends the ten commands as they are documented', async (t) => {
  const { simulator, source } = await startPair(t, { agents: [sampleAgent()] });
  for (const [operation, extras, url, body] of bodies) {
    await send(source, operation, '2', extras);
    const seen = lastPost(simulator);
    assert.deepEqual([seen.url, seen.body], [url, body], operation);
    assert.equal(seen.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(seen.headers.accept, 'application/json');
  }
  assert.equal(simulator.callsMade(), bodies.length, 'a command that is accepted costs one call');
});

test('takes any 2xx for a yes and reads no body', async (t) => {
  const { simulator, source } = await startPair(t, { agents: [sampleAgent()], switches: { commandBody: '<Result>OK' } });
  assert.deepEqual(await send(source, 'STOP_RECORDING'), {});
  simulator.inject({ fault: { kind: 'status', status: 204 } });
  assert.deepEqual(await send(source, 'START_BLACKOUT'), {});
});

test('commands take effect: duplicates, metadata, blackouts', async (t) => {
  const { simulator, source, clock } = await startPair(t, { agents: [sampleAgent()] });
  await send(source, 'START_DUPLICATE_RECORDING');
  assert.deepEqual(
    simulator.agent(2).ActiveCall?.Recordings.map(({ IsDuplicate }) => IsDuplicate),
    [false, true],
  );
  await send(source, 'UPDATE_RECORDING', '2', { metadata: [{ key: 'user2', value: 'paid' }] });
  assert.deepEqual([simulator.agent(2).ActiveCall?.Metadata.user1, simulator.agent(2).ActiveCall?.Metadata.user2], ['u1-8000', 'paid']);
  await send(source, 'START_BLACKOUT', '2', { offsetSeconds: 10 });
  assert.equal(simulator.isMasked(2), false);
  await clock.advance(10_000);
  assert.equal(simulator.isMasked(2), true);
  await send(source, 'STOP_BLACKOUT');
  assert.equal(simulator.isMasked(2), false);
});

const refusals: readonly {
  what: string;
  operation: VendorCommand['operation'];
  agent?: string;
  extras?: Extras;
  before?: (simulator: UptivitySimulator) => void;
  code: string;
  retryable: boolean;
  says: RegExp;
}[] = [
  {
    what: 'an agent that the tracker does not hold',
    operation: 'START_RECORDING',
    agent: '99',
    code: 'NOT_FOUND',
    retryable: true,
    says: /agent list does not contain this agent, or not yet/,
  },
  {
    what: 'a blackout of an unknown agent',
    operation: 'START_BLACKOUT',
    agent: '99',
    code: 'NOT_FOUND',
    retryable: true,
    says: /agent list/,
  },
  { what: 'a start without a call', operation: 'START_RECORDING', agent: '3', code: 'NOT_IN_CALL', retryable: true, says: /not on a call/ },
  { what: 'a stop without a call', operation: 'STOP_RECORDING', agent: '3', code: 'NOT_IN_CALL', retryable: true, says: /not on a call/ },
  {
    what: 'a stop with only a held call',
    operation: 'STOP_RECORDING',
    before: (simulator) => simulator.contactCenter.hold(simulator.agent(2)),
    code: 'NOT_IN_CALL',
    retryable: true,
    says: /held or parked/,
  },
  {
    what: 'a stop of what has stopped',
    operation: 'STOP_RECORDING',
    before: (simulator) => {
      simulator.agent(2).ActiveCall!.Recordings[0]!.RecordingState = 'Stopped';
    },
    code: 'NOT_RECORDING',
    retryable: false,
    says: /no recording that is running/,
  },
  {
    what: 'an update with nothing recorded',
    operation: 'UPDATE_RECORDING',
    extras: { metadata: [{ key: 'user1', value: 'x' }] },
    before: (simulator) => {
      simulator.agent(2).ActiveCall!.Recordings = [];
    },
    code: 'NOT_RECORDING',
    retryable: false,
    says: /no recording/,
  },
  {
    what: 'a stop of no duplicate',
    operation: 'STOP_DUPLICATE_RECORDING',
    code: 'NOT_RECORDING',
    retryable: false,
    says: /no duplicate recording/,
  },
  {
    what: 'a duplicate of a call that the agent is not in',
    operation: 'START_DUPLICATE_RECORDING',
    extras: { call: '111222' },
    code: 'NOT_IN_CALL',
    retryable: true,
    says: /not on the given call/,
  },
  {
    what: 'a screen stop with no screen recorded',
    operation: 'STOP_SCREEN_RECORDING',
    agent: '3',
    code: 'NOT_RECORDING',
    retryable: false,
    says: /screen/,
  },
  {
    what: 'a 404 that nothing explains',
    operation: 'START_RECORDING',
    before: (simulator) => {
      simulator.switches.startAgain = 404;
    },
    code: 'VENDOR_REJECTED',
    retryable: false,
    says: /the reason is unknown/,
  },
  {
    what: 'a stop of no blackout, where that is refused',
    operation: 'STOP_BLACKOUT',
    before: (simulator) => {
      simulator.switches.stopWithoutBlackout = 404;
    },
    code: 'NOT_BLACKED_OUT',
    retryable: false,
    says: /no blackout/,
  },
  {
    what: 'a 404 whose reason cannot be looked up',
    operation: 'STOP_DUPLICATE_RECORDING',
    before: (simulator) => {
      simulator.inject({ route: 'GET /api/Agent', fault: { kind: 'status', status: 500 } });
    },
    code: 'VENDOR_REJECTED',
    retryable: true,
    says: /the reason is unknown/,
  },
];

for (const { what, operation, agent, extras, before, code, retryable, says } of refusals) {
  test(`tells 404 apart by looking: ${what} is ${code}`, async (t) => {
    const { simulator, source } = await startPair(t, { agents: [sampleAgent(), idleAgent(3)] });
    before?.(simulator);
    await assert.rejects(
      send(source, operation, agent, extras),
      (error: Error & { code?: string; retryable?: boolean; vendorCode?: string }) => {
        assert.deepEqual([error.code, error.retryable, error.vendorCode], [code, retryable, '404']);
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /http:|127\.0\.0\.1|5003/);
        return true;
      },
    );
    assert.equal(simulator.callsMade(), 2, 'the command and one look');
  });
}
