/** A small recorder of calls, kept honest: what it records is written down with its times, whatever it answers. */

import type { ControlOperation, RecordingKind } from '../../../src/domain/model/enums.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { epochMs, instant } from '../../../src/domain/model/instant.ts';
import type { AgentSnapshot, Observation } from '../../../src/domain/model/observation.ts';
import type { Clock } from '../../../src/domain/ports/clock.ts';
import type { ControlHandler, VendorCommand, VendorSource } from '../../../src/domain/ports/vendor.ts';

/**
 * Names what happens to the next command: done and not answered, lost on the way, HTTP 500, refused by the vendor, not sent, HTTP 404,
 * accepted and not done, which a later event reports.
 */
export type Fault = 'deaf' | 'lost' | 'down' | 'refused' | 'unconnected' | 'gone' | 'failsLater';

/** Since when, and until when, an agent was in a call. */
export interface Membership {
  agent: string;
  call: string;
  from: number;
  to: number | null;
}

export interface Taped {
  id: string;
  agent: string;
  call: string;
  kind: RecordingKind;
  isDuplicate: boolean;
  fileName: string;
  running: boolean;
  /** True where it was last stopped by a command. */
  isStoppedByCommand: boolean;
  /** Segments that were recorded; `to` is null while it runs. */
  segments: { from: number; to: number | null }[];
}

export interface RecorderOptions {
  clock: Clock;
  support?: 'NATIVE' | 'EMULATED' | null;
  /** False where the vendor has no read of agents. */
  reads?: boolean;
  /** False where such a read reports no recordings. */
  showsRecordings?: boolean;
  confirmable?: boolean;
  /** Commands that it does not have. */
  lacks?: readonly ControlOperation[];
  /** Called with each command that arrives. */
  onReceived?: (operation: VendorCommand['operation']) => void;
}

const failingLater: ReadonlySet<string> = new Set(['START_RECORDING', 'STOP_RECORDING', 'START_SCREEN_RECORDING', 'STOP_SCREEN_RECORDING']);

/** The recorder's own threshold. */
const maxAgentBlackoutMs = 60_000;

export const createRecorder = ({
  clock,
  support = 'NATIVE',
  reads = true,
  showsRecordings = true,
  confirmable,
  lacks = [],
  onReceived = () => {},
}: RecorderOptions) => {
  const agents = new Map<string, { call: string | null; held: string[]; signedIn: boolean }>();
  const tapes: Taped[] = [];
  const metadata = new Map<string, Map<string, string>>();
  const blackouts = new Map<string, { startMs: number; stopMs: number }[]>();
  const received: { operation: VendorCommand['operation']; agent: string; atMs: number; command: VendorCommand }[] = [];
  const faults: Fault[] = [];
  const faultsOf = new Map<VendorCommand['operation'], Fault[]>();
  const looks: string[] = [];
  const memberships: Membership[] = [];
  /** Until when a command for each agent last met a fault, given up included. */
  const faultedUntil = new Map<string, number>();
  const failures: Extract<Observation, { type: 'commandFailed' }>[] = [];
  let automatic = false;
  let down: Fault | null = null;
  let next = 1;

  const agentOf = (id: string) => {
    const agent = agents.get(id);
    if (!agent) throw new ExpectedError('NOT_FOUND', 'No such agent.');
    return agent;
  };
  const enter = (id: string, call: string | null): void => {
    const left = memberships.findLast((one) => one.agent === id && one.to === null);
    if (left) left.to = clock.now();
    agentOf(id).call = call;
    if (call !== null) memberships.push({ agent: id, call, from: clock.now(), to: null });
  };
  const running = (agent: string, kind: RecordingKind = 'AUDIO', isDuplicate = false) =>
    tapes.find((one) => one.running && one.agent === agent && one.kind === kind && one.isDuplicate === isDuplicate);

  const begin = (agent: string, kind: RecordingKind, isDuplicate: boolean, fileName?: string): Taped => {
    const call = agentOf(agent).call;
    if (call === null) throw new ExpectedError('NOT_IN_CALL', 'The agent is in no call.');
    const again = fileName === undefined ? undefined : tapes.find((one) => one.fileName === fileName);
    if (again) {
      again.running = true;
      again.segments.push({ from: clock.now(), to: null });
      return again;
    }
    const id = `rec-${next++}`;
    const tape: Taped = {
      id,
      agent,
      call,
      kind,
      isDuplicate,
      fileName: fileName ?? `Y:/1/${id}.V3`,
      running: true,
      isStoppedByCommand: false,
      segments: [{ from: clock.now(), to: null }],
    };
    tapes.push(tape);
    return tape;
  };
  const halt = (tape: Taped) => {
    tape.running = false;
    tape.isStoppedByCommand = false;
    tape.segments.at(-1)!.to = clock.now();
  };

  const start =
    (kind: RecordingKind, isDuplicate = false) =>
    ({ agent, fileName, metadata: entries }: VendorCommand): void => {
      if (running(agent.externalId, kind, isDuplicate)) throw new ExpectedError('ALREADY_RECORDING', 'It runs.');
      begin(agent.externalId, kind, isDuplicate, fileName);
      if (entries) write(agent.externalId, entries);
    };
  const stop =
    (kind: RecordingKind, isDuplicate = false) =>
    ({ agent }: VendorCommand): void => {
      const tape = running(agent.externalId, kind, isDuplicate);
      if (!tape) throw new ExpectedError('NOT_RECORDING', 'Nothing runs.');
      halt(tape);
      tape.isStoppedByCommand = true;
    };
  const write = (agent: string, entries: readonly { key: string; value: string }[]) => {
    const { call } = agentOf(agent);
    if (call === null) throw new ExpectedError('NOT_IN_CALL', 'The agent is in no call.');
    const known = metadata.get(call) ?? new Map();
    for (const { key, value } of entries) known.set(key, value);
    metadata.set(call, known);
  };
  const momentOf = (command: VendorCommand) =>
    command.at !== undefined ? epochMs(command.at) : clock.now() + (command.offsetSeconds ?? 0) * 1000;

  const deeds = new Map<VendorCommand['operation'], (command: VendorCommand) => void>([
    ['START_RECORDING', start('AUDIO')],
    ['STOP_RECORDING', stop('AUDIO')],
    ['UPDATE_RECORDING', ({ agent, metadata: entries = [] }) => write(agent.externalId, entries)],
    ['START_DUPLICATE_RECORDING', start('AUDIO', true)],
    ['STOP_DUPLICATE_RECORDING', stop('AUDIO', true)],
    ['START_SCREEN_RECORDING', start('SCREEN')],
    ['STOP_SCREEN_RECORDING', stop('SCREEN')],
    [
      'SIGN_IN_AGENT',
      ({ agent }) => {
        agentOf(agent.externalId).signedIn = true;
      },
    ],
    [
      'SIGN_OUT_AGENT',
      ({ agent }) => {
        agentOf(agent.externalId).signedIn = false;
      },
    ],
    [
      'START_BLACKOUT',
      (command) => {
        const list = blackouts.get(command.agent.externalId) ?? [];
        blackouts.set(command.agent.externalId, list);
        const startMs = momentOf(command);
        // One that is in force begins anew: its threshold too, and a stop that lay ahead is forgotten.
        for (const one of list) if (one.startMs <= startMs && one.stopMs > startMs) one.stopMs = startMs;
        list.push({ startMs, stopMs: startMs + maxAgentBlackoutMs });
      },
    ],
    [
      'STOP_BLACKOUT',
      (command) => {
        for (const one of blackouts.get(command.agent.externalId) ?? []) {
          const stopMs = momentOf(command);
          if (one.stopMs > stopMs && one.startMs <= stopMs) one.stopMs = stopMs;
        }
      },
    ],
  ]);

  const answer: ControlHandler = async (command, signal) => {
    const { operation, agent } = command;
    const fault = faultsOf.get(operation)?.shift() ?? faults.shift() ?? down;
    if (fault !== null) faultedUntil.set(agent.externalId, clock.now());
    if (fault === 'unconnected') throw new ExpectedError('VENDOR_UNAVAILABLE', `${operation} was not sent.`, { notSent: true });
    received.push({ operation, agent: agent.externalId, atMs: clock.now(), command });
    onReceived(operation);
    if (fault === 'refused') throw new ExpectedError('VENDOR_REJECTED', `${operation} was refused.`, { vendorCode: '500-011' });
    if (fault === 'gone') throw new ExpectedError('NOT_FOUND', `${operation} was answered with HTTP 404.`, { vendorCode: '404' });
    if (fault === 'down') throw new ExpectedError('VENDOR_UNAVAILABLE', `${operation} was answered with HTTP 500.`, { vendorCode: '500' });
    if (fault === 'failsLater' && failingLater.has(operation)) {
      const message = `${operation} was accepted and then failed.`;
      failures.push({
        type: 'commandFailed',
        agent: agent.externalId,
        operations: [operation],
        recording: null,
        message,
        vendorCode: null,
      });
      return {};
    }
    if (fault !== 'lost') deeds.get(operation)!(command);
    if (fault === 'lost' || fault === 'deaf') {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      faultedUntil.set(agent.externalId, clock.now());
      throw new ExpectedError('VENDOR_TIMEOUT', `${operation} was not answered in time.`);
    }
    return { observations: reportedBy(command) };
  };

  /** A vendor that is confirmed by events answers before anything has happened: what stops is stopping, what starts is starting. */
  const reportedBy = ({ operation, agent, mode }: VendorCommand): Observation[] => {
    if (support !== 'EMULATED') return [];
    if (operation === 'STOP_RECORDING') {
      const stopped = tapes.findLast((one) => !one.running && one.agent === agent.externalId && one.kind === 'AUDIO');
      return stopped ? [{ type: 'recording', recording: { externalId: stopped.id, state: 'STOPPING' } }] : [];
    }
    const begun = operation === 'START_RECORDING' ? running(agent.externalId) : undefined;
    return begun && mode === 'APPEND'
      ? [{ type: 'recording', resumed: true, recording: { externalId: begun.id, state: 'STARTING', endedAt: null } }]
      : [];
  };

  const agentSnapshot = (id: string): AgentSnapshot => {
    const agent = agentOf(id);
    const own = tapes.filter((one) => one.agent === id);
    // In parts, as a vendor's snapshot may be: what is configured, and what is so now.
    const observations: Observation[] = [
      { type: 'agent', agent: { externalId: id, name: `Agent ${id}` } },
      {
        type: 'agent',
        agent: {
          externalId: id,
          status: agent.signedIn ? (agent.call === null ? 'IDLE' : 'ON_CALL') : 'OFFLINE',
          activeCall: agent.call,
          inactiveCalls: agent.held,
        },
      },
    ];
    for (const call of [agent.call, ...agent.held]) {
      if (call === null) continue;
      const entries = [...(metadata.get(call) ?? new Map<string, string>())].map(([key, value]) => ({ key, value }));
      observations.push({ type: 'call', call: { externalId: call, state: 'ACTIVE', agents: [id], metadata: entries } });
    }
    if (showsRecordings) observations.push(...tapeObservations(own), livenessOf(id));
    return { agent: id, observations };
  };

  const livenessOf = (id: string): Observation => ({
    type: 'liveness',
    agent: id,
    calls: [agentOf(id).call, ...agentOf(id).held].filter((one) => one !== null),
    recordings: tapes.filter((one) => one.agent === id && one.running).map((one) => one.id),
  });

  const tapeObservations = (own: readonly Taped[]): Observation[] =>
    own
      .filter((one) => one.running)
      .map((one) => ({
        type: 'recording',
        recording: {
          externalId: one.id,
          kind: one.kind,
          isDuplicate: one.isDuplicate,
          agent: one.agent,
          call: one.call,
          state: 'RECORDING',
          fileName: one.fileName,
          startedAt: instant(one.segments[0]!.from),
          endedAt: null,
        },
        resumed: one.segments.length > 1,
      }));

  const control = {
    START_RECORDING: answer,
    STOP_RECORDING: answer,
    UPDATE_RECORDING: answer,
    START_DUPLICATE_RECORDING: answer,
    STOP_DUPLICATE_RECORDING: answer,
    START_SCREEN_RECORDING: answer,
    STOP_SCREEN_RECORDING: answer,
    SIGN_IN_AGENT: answer,
    SIGN_OUT_AGENT: answer,
  };

  const source: VendorSource = {
    name: 'hq',
    vendor: 'TEST',
    vendorType: 'test',
    maxStalenessMs: 5_000,
    confirmMs: 3_000,
    maxAgentBlackoutMs,
    observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
    metadataKeys: ['user1', 'user2'],
    control: Object.fromEntries(Object.entries(control).filter(([operation]) => !lacks.some((one) => one === operation))),
    ...(reads
      ? {
          agents: {
            identifiers: ['ID'],
            byIdentifiers: async (lookups) =>
              lookups.map(({ value }) => {
                looks.push(value);
                if (down) throw new ExpectedError('VENDOR_UNAVAILABLE', 'The vendor was not reached.');
                return agents.has(value) ? agentSnapshot(value) : null;
              }),
            list: async () => [...agents.keys()].map(agentSnapshot),
          },
        }
      : {}),
    ...(support === 'NATIVE'
      ? { blackouts: { support, confirmable: confirmable ?? false, start: answer, stop: answer } }
      : support === 'EMULATED'
        ? { blackouts: { support, confirmable: confirmable ?? true } }
        : {}),
    health: () => ({ status: 'UP', lastContactAt: null, lastError: null, circuit: 'CLOSED' }),
    close: async () => {},
  };

  return {
    source,
    received,
    faults,
    looks,
    tapes,
    agentSnapshots: (): AgentSnapshot[] => [...agents.keys()].map(agentSnapshot),
    sent: (operation: VendorCommand['operation']) => received.filter((one) => one.operation === operation).length,
    /** Sets what happens to the next commands of one operation. */
    failNext: (operation: VendorCommand['operation'], ...next: Fault[]) => faultsOf.set(operation, next),
    /** From now on every command and read fails this way; null heals. */
    break: (fault: Fault | null) => {
      down = fault;
    },
    /** Makes the platform start a recording by itself with each call, or not. */
    recordAutomatically: (on: boolean) => {
      automatic = on;
    },
    addAgent: (id: string) => agents.set(id, { call: null, held: [], signedIn: true }),
    memberships,
    faultedUntilMs: (agent: string) => faultedUntil.get(agent) ?? 0,
    /** The late failures that were not reported yet. */
    takeFailures: () => failures.splice(0),
    /** Forgets what runs, what is masked and who talks. */
    restart: () => {
      for (const tape of tapes) if (tape.running) halt(tape);
      for (const id of agents.keys()) enter(id, null);
      for (const list of blackouts.values()) for (const one of list) one.stopMs = Math.min(one.stopMs, clock.now());
    },
    call: (agent: string, call: string) => {
      enter(agent, call);
      if (automatic) begin(agent, 'AUDIO', false);
    },
    hangUp: (agent: string) => {
      for (const tape of tapes) if (tape.running && tape.agent === agent) halt(tape);
      enter(agent, null);
    },
    /** Moves the call, and what records it ends with it. */
    transfer: (from: string, to: string) => {
      const { call } = agentOf(from);
      for (const tape of tapes) if (tape.running && tape.agent === from) halt(tape);
      enter(from, null);
      enter(to, call);
      if (automatic && call !== null) begin(to, 'AUDIO', false);
    },
    record: (agent: string, kind: RecordingKind = 'AUDIO', isDuplicate = false) => begin(agent, kind, isDuplicate),
    /** The platform stops it by itself. */
    stopTape: halt,
    isRecording: (agent: string) => running(agent) !== undefined,
    /** Returns true where nothing that the agent says now is kept. */
    isMasked: (agent: string) =>
      support === 'EMULATED'
        ? running(agent) === undefined
        : (blackouts.get(agent) ?? []).some(({ startMs, stopMs }) => startMs <= clock.now() && clock.now() < stopMs),
    blackouts: (agent: string) => blackouts.get(agent) ?? [],
    callOf: (agent: string) => agentOf(agent).call,
    metadata: (call: string) => Object.fromEntries(metadata.get(call) ?? []),
  };
};

export type Recorder = ReturnType<typeof createRecorder>;
