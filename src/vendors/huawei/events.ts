/** Applies the gateway's events, polled or pushed: reads, joins, commits. */
import { createTurns, type Observation, pause, type VendorClock, type VendorContext } from '../kit/index.ts';
import { createLateEnds } from './late-ends.ts';
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

interface Delivery {
  /** Keeps trying to commit until it is aborted. */
  persist?: AbortSignal;
  /** True if the events may have waited at the gateway. */
  mayBeLate?: boolean;
}

export interface Events {
  /** Commits events of one agent, oldest first; what cannot be read becomes a dead letter. */
  receive(agent: string, raw: readonly unknown[], asOfMs: number, how?: Delivery): Promise<Received>;
  /** Returns the known recording tasks of an agent. */
  tasks(agent: string): Promise<Tasks>;
  /** As `expectTask`, not while events of the agent are applied. */
  expect(agent: string, task: Task, before: Tasks): Promise<{ task: Task; known: boolean }>;
  /** As `expectReplacement`, not while events of the agent are applied. */
  expectReplacement(agent: string, fileName: string, expected: boolean): Promise<void>;
  /** Stops the timers. */
  close(): void;
}

export const createEvents = (source: string, agents: readonly string[], context: VendorContext, clock: VendorClock): Events => {
  const { state, known, log } = context;
  /** One after another for an agent, since each event is read in the light of those before it. */
  const turns = createTurns();

  const commit = async (agent: string, observations: readonly Observation[], asOfMs: number, persist?: AbortSignal): Promise<void> => {
    if (observations.length === 0) return;
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 5_000)) {
      try {
        return await context.observe({ observations, asOfMs, contact: [agent] });
      } catch (error) {
        // The gateway gives an event once only.
        if (persist === undefined || persist.aborted) throw error;
        log.error('event could not be kept yet', { source, error });
        await pause(context.clock, waitMs, persist);
      }
    }
  };
  const lateEnds = createLateEnds({ source, agents, context, commit: (agent, ended) => commit(agent, ended, context.clock.now()) });

  /** When the event came to be, in this server's time. A time in the future is of another clock than the one measured. */
  const momentOf = (event: GatewayEvent, asOfMs: number, mayBeLate: boolean): number => {
    const reportedMs = event.eventGenTime ?? endTimeOf(event);
    if (reportedMs !== null) clock.noteEvent(reportedMs, asOfMs, mayBeLate);
    return event.eventGenTime === null ? asOfMs : clock.toOurs(event.eventGenTime);
  };

  const receiveMedia = async (agent: string, event: GatewayEvent, atMs: number, asOfMs: number, persist?: AbortSignal): Promise<void> => {
    const live = known.liveRecordings(agent);
    const activeCall = known.agent(agent)?.activeCall ?? null;
    const replacing = await readReplacements(state, agent);
    const { toOurs } = clock;
    let observations: readonly Observation[] = [];
    await updateTasks(state, agent, (tasks) => {
      const reading = readMediaEvent(event, { agent, atMs, tasks, live, activeCall, replacing, toOurs, clockErrorMs: clock.errorMs() });
      observations = reading?.observations ?? [];
      return reading?.tasks ?? null;
    });
    await commit(agent, observations, asOfMs, persist);
    const fileName = replacing.length === 0 ? null : fileNameOf(event);
    if (fileName !== null) await expectReplacement(state, agent, fileName, false);
  };

  const receiveOne = async (agent: string, event: GatewayEvent, asOfMs: number, how: Delivery): Promise<Received> => {
    const { persist, mayBeLate = false } = how;
    const atMs = momentOf(event, asOfMs, mayBeLate);
    if (event.eventType.startsWith('AgentMediaEvent_')) {
      await receiveMedia(agent, event, atMs, asOfMs, persist);
      return { refetch: false, signedOut: false };
    }
    const reading = readEvent(event, agent, atMs, known);
    await commit(agent, reading.observations, asOfMs, persist);
    if (reading.left !== undefined) lateEnds.ofCall(agent, reading.left, atMs);
    if (event.eventType === 'AgentState_Ready') lateEnds.ofRecordings(agent);
    return { refetch: reading.refetch === true, signedOut: reading.signedOut === true };
  };

  const refuse = async (agent: string, reason: string, body: unknown): Promise<void> => {
    log.warn('event could not be read', { source, agent, reason });
    context.measure('event', 'VENDOR_REJECTED', 0);
    const text = JSON.stringify(body) ?? String(body);
    await context.deadLetter({ kind: 'event', reason: `Agent ${agent}: ${reason}`, body: Buffer.from(text) });
  };

  return {
    close: lateEnds.close,
    receive: (agent, raw, asOfMs, how = {}) =>
      turns.run(agent, async () => {
        const received = { refetch: false, signedOut: false };
        for (const one of raw) {
          const read = gatewayEvent.safeParse(one);
          if (!read.success) {
            await refuse(agent, 'The event has no eventType.', one);
            continue;
          }
          try {
            const result = await receiveOne(agent, read.data, asOfMs, how);
            received.refetch ||= result.refetch;
            received.signedOut ||= result.signedOut;
          } catch (error) {
            if ((error as Error | null)?.name !== 'ZodError') throw error;
            await refuse(agent, `The content of ${read.data.eventType} has an unknown shape.`, one);
          }
        }
        return received;
      }),
    expectReplacement: (agent, fileName, expected) => turns.run(agent, () => expectReplacement(state, agent, fileName, expected)),
    tasks: (agent) => readTasks(state, agent),
    expect: (agent, task, before) => turns.run(agent, () => expectTask(context, agent, task, before)),
  };
};
