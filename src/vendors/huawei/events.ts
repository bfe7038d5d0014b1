/** Takes in what the gateway tells, polled or pushed: reads, joins, commits. */
import { instant } from '../../domain/instant.ts';
import type { Observation } from '../../domain/observation.ts';
import type { VendorContext } from '../../domain/ports.ts';
import { isHeldBySomebody, readEvent } from './mapping.ts';
import { pause } from './pause.ts';
import { readMediaEvent } from './recordings.ts';
import { putTask, type Task, type Tasks } from './tasks.ts';
import { type GatewayEvent, gatewayEvent } from './wire.ts';

export interface Heard {
  /** The vendor has to be asked what the events do not say. */
  look: boolean;
  signedOut: boolean;
}

export interface Events {
  /** Commits events of one agent, oldest first; what cannot be read becomes a dead letter. `persist` keeps trying until it is aborted. */
  receive(agent: string, raw: readonly unknown[], asOfMs: number, persist?: AbortSignal): Promise<Heard>;
  /** Notes what a command that was sent at `sentAtMs` started; answers the task as it is known by then. */
  expect(agent: string, task: Task, sentAtMs: number): Promise<{ task: Task; known: boolean }>;
  /** Settles nothing more. */
  close(): void;
}

/** How long another agent's events may take to tell that a call was transferred. */
const transferGraceMs = 2_000;
/** How long the end of a recording may come after its agent is free again. */
const strayGraceMs = 2_000;

export const createEvents = (source: string, agents: readonly string[], context: VendorContext): Events => {
  const leaving = new Map<string, () => void>();
  const turns = new Map<string, Promise<unknown>>();
  const key = (agent: string) => `tasks:${agent}`;
  const tasksOf = async (agent: string): Promise<Tasks> => ((await context.state.get(key(agent))) as Tasks | null) ?? [];

  /** One after another for an agent, since each event is read in the light of those before it. */
  const inTurn = <T>(agent: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(agent) ?? Promise.resolve()).then(work, work);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (turns.get(agent) === settled) turns.delete(agent);
      });
    turns.set(agent, settled);
    return turn;
  };

  const commit = async (observations: readonly Observation[], asOfMs: number, persist: AbortSignal | undefined): Promise<void> => {
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 5_000)) {
      try {
        return await context.observe({ observations, asOfMs, heard: true });
      } catch (error) {
        // The gateway gives an event once only.
        if (persist === undefined || persist.aborted) throw error;
        context.log.error('event could not be kept yet', { source, error });
        await pause(context.clock, waitMs, persist);
      }
    }
  };

  /** Ends a call that nobody is left in. */
  const endUnlessTaken = (callId: string, atMs: number) => {
    leaving.get(callId)?.();
    const settle = () => {
      leaving.delete(callId);
      if (isHeldBySomebody(callId, agents, context.known)) return;
      const ended: Observation = { type: 'call', call: { externalId: callId, state: 'ENDED', endedAt: instant(atMs) } };
      commit([ended], context.clock.now(), undefined).catch((error: unknown) =>
        context.log.error('call could not be ended', { source, error }),
      );
    };
    leaving.set(callId, context.clock.after(transferGraceMs, settle));
  };

  const spoken = (agent: string) => context.known.liveRecordings(agent).filter(({ kind }) => kind !== 'SCREEN');

  /** Ends the recordings of an agent who is free again, where the event that should have ended them does not come. */
  const endStrays = (agent: string) => {
    const timer = `agent ${agent}`;
    leaving.get(timer)?.();
    const settle = () => {
      leaving.delete(timer);
      const known = context.known.agent(agent);
      if (known?.status !== 'IDLE' || known.activeCall !== null || known.inactiveCalls.length > 0 || spoken(agent).length === 0) return;
      const screens = context.known.liveRecordings(agent).filter(({ kind }) => kind === 'SCREEN');
      const free: Observation = { type: 'presence', agent, calls: [], recordings: screens.map(({ externalId }) => externalId) };
      commit([free], context.clock.now(), undefined).catch((error: unknown) =>
        context.log.error('recordings could not be ended', { source, agent, error }),
      );
    };
    leaving.set(timer, context.clock.after(strayGraceMs, settle));
  };

  const receiveOne = async (agent: string, event: GatewayEvent, asOfMs: number, persist: AbortSignal | undefined): Promise<Heard> => {
    const atMs = event.eventGenTime ?? asOfMs;
    if (event.eventType.startsWith('AgentMediaEvent_')) {
      const tasks = await tasksOf(agent);
      const reading = readMediaEvent(event, {
        agent,
        atMs,
        tasks,
        live: context.known.liveRecordings(agent),
        activeCall: context.known.agent(agent)?.activeCall ?? null,
      });
      if (reading) {
        const heard = reading.tasks.map((task) => (tasks.includes(task) ? task : { ...task, heardAtMs: asOfMs }));
        await context.state.put(key(agent), heard);
        await commit(reading.observations, asOfMs, persist);
      }
      return { look: false, signedOut: false };
    }
    const reading = readEvent(event, agent, atMs, context.known);
    if (reading.observations.length > 0) await commit(reading.observations, asOfMs, persist);
    if (reading.left !== undefined) endUnlessTaken(reading.left, atMs);
    if (event.eventType === 'AgentState_Ready' && spoken(agent).length > 0) endStrays(agent);
    return { look: reading.look === true, signedOut: reading.signedOut === true };
  };

  const refuse = async (agent: string, reason: string, body: unknown): Promise<void> => {
    context.log.warn('event could not be read', { source, agent, reason });
    context.measure('event', 'VENDOR_REJECTED', 0);
    await context.deadLetter(`Agent ${agent}: ${reason}`, JSON.stringify(body) ?? String(body));
  };

  return {
    close: () => {
      for (const cancel of leaving.values()) cancel();
    },
    receive: (agent, raw, asOfMs, persist) =>
      inTurn(agent, async () => {
        const heard = { look: false, signedOut: false };
        for (const one of raw) {
          const read = gatewayEvent.safeParse(one);
          if (!read.success) {
            await refuse(agent, 'The event has no eventType.', one);
            continue;
          }
          try {
            const result = await receiveOne(agent, read.data, asOfMs, persist);
            heard.look ||= result.look;
            heard.signedOut ||= result.signedOut;
          } catch (error) {
            if ((error as Error | null)?.name !== 'ZodError') throw error;
            await refuse(agent, `The content of ${read.data.eventType} is of no known shape.`, one);
          }
        }
        return heard;
      }),
    expect: (agent, task, sentAtMs) =>
      inTurn(agent, async () => {
        const tasks = await tasksOf(agent);
        const known = tasks.find(({ id, endMs, heardAtMs }) => id === task.id && (endMs === null || (heardAtMs ?? 0) >= sentAtMs));
        if (known) return { task: known, known: true };
        const taken = tasks.some(({ id }) => id === task.id);
        const expected = taken && task.temporary ? { ...task, recording: `${task.id}~${context.clock.now()}` } : task;
        await context.state.put(key(agent), putTask(tasks, expected));
        return { task: expected, known: false };
      }),
  };
};
