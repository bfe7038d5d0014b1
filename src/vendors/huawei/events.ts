/** Applies the gateway's events, polled or pushed: reads, joins, commits. */
import { createTurns, type Observation, pause, type VendorClock, type VendorContext } from '../kit/index.ts';
import { createLateEnds, type LateEnds } from './late-ends.ts';
import { readEvent } from './mapping.ts';
import { endTimeOf } from './recording-end.ts';
import { fileNameOf, readMediaEvent } from './recordings.ts';
import { expectReplacement, expectTask, readReplacements, readTasks, updateTasks } from './task-store.ts';
import type { Task, Tasks } from './tasks.ts';
import { type GatewayEvent, gatewayEvent } from './wire.ts';

interface Received {
  /** The agent's state has to be fetched, since the events do not show it. */
  refetch: boolean;
  signedOut: boolean;
}

/** The agent whose events came, and how they did. */
interface Arrival {
  agent: string;
  asOfMs: number;
  /** Keeps trying to commit until it is aborted. */
  persist?: AbortSignal | undefined;
  /** True if the events may have waited at the gateway. */
  mayBeLate?: boolean;
}

export interface Events {
  /** Commits events of one agent, oldest first; what cannot be read becomes a dead letter. */
  receive(arrival: Arrival, raw: readonly unknown[]): Promise<Received>;
  /** Returns the known recording tasks of an agent. */
  tasks(agent: string): Promise<Tasks>;
  /** As `expectTask`, not while events of the agent are applied. */
  expect(agent: string, task: Task, before: Tasks): Promise<{ task: Task; known: boolean }>;
  /** As `expectReplacement`, not while events of the agent are applied. */
  expectReplacement(agent: string, fileName: string, expected: boolean): Promise<void>;
  /** Stops the timers. */
  close(): void;
}

interface EventsOptions {
  source: string;
  agents: readonly string[];
  context: VendorContext;
  clock: VendorClock;
}

interface EventsContext extends EventsOptions {
  lateEnds: LateEnds;
}

const commit = async (
  { source, context }: EventsOptions,
  { agent, asOfMs, persist }: Arrival,
  observations: readonly Observation[],
): Promise<void> => {
  if (observations.length === 0) return;
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 5_000)) {
    try {
      return await context.observe({ observations, asOfMs, contact: [agent] });
    } catch (error) {
      // The gateway gives an event once only.
      if (persist === undefined || persist.aborted) throw error;
      context.log.error('event could not be kept yet', { source, error });
      await pause(context.clock, waitMs, persist);
    }
  }
};

/** When the event came to be, in this server's time. A time in the future is of another clock than the one measured. */
const momentOf = ({ clock }: EventsContext, { asOfMs, mayBeLate = false }: Arrival, event: GatewayEvent): number => {
  const reportedMs = event.eventGenTime ?? endTimeOf(event);
  if (reportedMs !== null) clock.noteEvent(reportedMs, asOfMs, mayBeLate);
  return event.eventGenTime === null ? asOfMs : clock.toOurs(event.eventGenTime);
};

const receiveMedia = async (
  events: EventsContext,
  arrival: Arrival,
  { event, atMs }: { event: GatewayEvent; atMs: number },
): Promise<void> => {
  const { agent } = arrival;
  const { state, known } = events.context;
  const live = known.liveRecordings(agent);
  const activeCall = known.agent(agent)?.activeCall ?? null;
  const replacing = await readReplacements(state, agent);
  const { toOurs } = events.clock;
  let observations: readonly Observation[] = [];
  await updateTasks(state, agent, (tasks) => {
    const clockErrorMs = events.clock.errorMs();
    const reading = readMediaEvent(event, { agent, atMs, tasks, live, activeCall, replacing, toOurs, clockErrorMs });
    observations = reading?.observations ?? [];
    return reading?.tasks ?? null;
  });
  await commit(events, arrival, observations);
  const fileName = replacing.length === 0 ? null : fileNameOf(event);
  if (fileName !== null) await expectReplacement(state, agent, { fileName, expected: false });
};

const receiveOne = async (events: EventsContext, arrival: Arrival, event: GatewayEvent): Promise<Received> => {
  const { context, lateEnds } = events;
  const { agent } = arrival;
  const atMs = momentOf(events, arrival, event);
  if (event.eventType.startsWith('AgentMediaEvent_')) {
    await receiveMedia(events, arrival, { event, atMs });
    return { refetch: false, signedOut: false };
  }
  const reading = readEvent(event, { agent, atMs, known: context.known });
  await commit(events, arrival, reading.observations);
  if (reading.left !== undefined) lateEnds.ofCall(agent, reading.left, atMs);
  if (event.eventType === 'AgentState_Ready') lateEnds.ofRecordings(agent);
  return { refetch: reading.refetch === true, signedOut: reading.signedOut === true };
};

const refuse = async (
  { source, context }: EventsContext,
  agent: string,
  { reason, body }: { reason: string; body: unknown },
): Promise<void> => {
  context.log.warn('event could not be read', { source, agent, reason });
  context.measure('event', 'VENDOR_REJECTED', 0);
  const text = JSON.stringify(body) ?? String(body);
  await context.deadLetter({ kind: 'event', reason: `Agent ${agent}: ${reason}`, body: Buffer.from(text) });
};

const receiveAll = async (events: EventsContext, arrival: Arrival, raw: readonly unknown[]): Promise<Received> => {
  const received = { refetch: false, signedOut: false };
  for (const body of raw) {
    const read = gatewayEvent.safeParse(body);
    if (!read.success) {
      await refuse(events, arrival.agent, { reason: 'The event has no eventType.', body });
      continue;
    }
    try {
      const result = await receiveOne(events, arrival, read.data);
      received.refetch ||= result.refetch;
      received.signedOut ||= result.signedOut;
    } catch (error) {
      if ((error as Error | null)?.name !== 'ZodError') throw error;
      await refuse(events, arrival.agent, { reason: `The content of ${read.data.eventType} has an unknown shape.`, body });
    }
  }
  return received;
};

export const createEvents = (options: EventsOptions): Events => {
  const { source, agents, context } = options;
  const { state } = context;
  /** One after another for an agent, since each event is read in the light of those before it. */
  const turns = createTurns();
  const commitNow = (agent: string, observations: readonly Observation[]) =>
    commit(options, { agent, asOfMs: context.clock.now() }, observations);
  const lateEnds = createLateEnds({ source, agents, context, commit: commitNow });
  const events: EventsContext = { ...options, lateEnds };
  return {
    close: lateEnds.close,
    receive: (arrival, raw) => turns.run(arrival.agent, () => receiveAll(events, arrival, raw)),
    expectReplacement: (agent, fileName, expected) => turns.run(agent, () => expectReplacement(state, agent, { fileName, expected })),
    tasks: (agent) => readTasks(state, agent),
    expect: (agent, task, before) => turns.run(agent, () => expectTask(context, agent, { task, before })),
  };
};
