/** Applies the gateway's events, polled or pushed: reads, joins, commits. */
import { createTurns, instant, type Observation, pause, type VendorClock, type VendorContext } from '../kit/index.ts';
import { isHeldBySomebody } from './call-events.ts';
import { readEvent } from './mapping.ts';
import { endTimeOf } from './recording-end.ts';
import { fileNameOf, readMediaEvent } from './recordings.ts';
import { isScreen } from './screen.ts';
import { putTask, sameFile, type Task, type Tasks } from './tasks.ts';
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
  /** Notes what a command started; answers the task as it is known by then. `before` are the tasks that were known when it was sent. */
  expect(agent: string, task: Task, before: Tasks): Promise<{ task: Task; known: boolean }>;
  /** The next recording of this name replaces what the file holds; `false` takes that back. */
  expectReplacement(agent: string, fileName: string, expected: boolean): Promise<void>;
  /** Stops the timers. */
  close(): void;
}

/** How long another agent's events may take to show that a call was transferred. */
const transferGraceMs = 2_000;
/** How long the end of a recording may come after its agent is free again. */
const strayGraceMs = 2_000;

const eventsOf = (task: Task | undefined): number => task?.events ?? 0;

/** The tasks after an event, with one event more for those that it is about. */
const counted = (tasks: Tasks, before: Tasks): Tasks =>
  tasks.map((task) => (before.includes(task) ? task : { ...task, events: eventsOf(before.find(({ id }) => id === task.id)) + 1 }));

export const createEvents = (source: string, agents: readonly string[], context: VendorContext, clock: VendorClock): Events => {
  const leaving = new Map<string, () => void>();
  const key = (agent: string) => `tasks:${agent}`;
  const readTasks = (stored: unknown): Tasks => (stored as Tasks | null) ?? [];

  const replacementsKey = (agent: string) => `replacing:${agent}`;
  const replacementsOf = async (agent: string) => ((await context.state.get(replacementsKey(agent))) as readonly string[] | null) ?? [];
  const setReplacements = async (agent: string, change: (names: readonly string[]) => readonly string[]): Promise<void> => {
    await context.state.update(replacementsKey(agent), (stored) => change((stored as readonly string[] | null) ?? []));
  };

  /** One after another for an agent, since each event is read in the light of those before it. */
  const turns = createTurns();

  const commit = async (agent: string, observations: readonly Observation[], asOfMs: number, persist?: AbortSignal): Promise<void> => {
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

  /** Ends a call that nobody is left in. */
  const endUnlessTaken = (agent: string, callId: string, atMs: number) => {
    leaving.get(callId)?.();
    const endCall = () => {
      leaving.delete(callId);
      if (isHeldBySomebody(callId, agents, context.known)) return;
      const ended: Observation = { type: 'call', call: { externalId: callId, state: 'ENDED', endedAt: instant(atMs) } };
      commit(agent, [ended], context.clock.now()).catch((error: unknown) =>
        context.log.error('call could not be ended', { source, error }),
      );
    };
    leaving.set(callId, context.clock.after(transferGraceMs, endCall));
  };

  const spoken = (agent: string) => context.known.liveRecordings(agent).filter((one) => !isScreen(one));

  /** Ends the recordings of an agent who is free again, where the event that should have ended them does not come. */
  const endStrays = (agent: string) => {
    const timer = `agent ${agent}`;
    leaving.get(timer)?.();
    const endRecordings = () => {
      leaving.delete(timer);
      const known = context.known.agent(agent);
      if (known?.status !== 'IDLE' || known.activeCall !== null || known.inactiveCalls.length > 0 || spoken(agent).length === 0) return;
      const screens = context.known.liveRecordings(agent).filter(isScreen);
      const free: Observation = { type: 'liveness', agent, calls: [], recordings: screens.map(({ externalId }) => externalId) };
      commit(agent, [free], context.clock.now()).catch((error: unknown) =>
        context.log.error('recordings could not be ended', { source, agent, error }),
      );
    };
    leaving.set(timer, context.clock.after(strayGraceMs, endRecordings));
  };

  /** When the event came to be, in this server's time. A time in the future is of another clock than the one measured. */
  const momentOf = (event: GatewayEvent, asOfMs: number, mayBeLate: boolean): number => {
    const reportedMs = event.eventGenTime ?? endTimeOf(event);
    if (reportedMs !== null) clock.noteEvent(reportedMs, asOfMs, mayBeLate);
    return event.eventGenTime === null ? asOfMs : clock.toOurs(event.eventGenTime);
  };

  const receiveOne = async (agent: string, event: GatewayEvent, asOfMs: number, how: Delivery): Promise<Received> => {
    const { persist, mayBeLate = false } = how;
    const atMs = momentOf(event, asOfMs, mayBeLate);
    if (event.eventType.startsWith('AgentMediaEvent_')) {
      const live = context.known.liveRecordings(agent);
      const activeCall = context.known.agent(agent)?.activeCall ?? null;
      const replacing = await replacementsOf(agent);
      let observations: readonly Observation[] = [];
      await context.state.update(key(agent), (stored) => {
        const tasks = readTasks(stored);
        const { toOurs } = clock;
        const reading = readMediaEvent(event, { agent, atMs, tasks, live, activeCall, replacing, toOurs, clockErrorMs: clock.errorMs() });
        observations = reading?.observations ?? [];
        return reading ? counted(reading.tasks, tasks) : stored;
      });
      if (observations.length > 0) await commit(agent, observations, asOfMs, persist);
      const fileName = replacing.length === 0 ? null : fileNameOf(event);
      if (fileName !== null) await setReplacements(agent, (names) => names.filter((name) => !sameFile(name, fileName)));
      return { refetch: false, signedOut: false };
    }
    const reading = readEvent(event, agent, atMs, context.known);
    if (reading.observations.length > 0) await commit(agent, reading.observations, asOfMs, persist);
    if (reading.left !== undefined) endUnlessTaken(agent, reading.left, atMs);
    if (event.eventType === 'AgentState_Ready' && spoken(agent).length > 0) endStrays(agent);
    return { refetch: reading.refetch === true, signedOut: reading.signedOut === true };
  };

  const refuse = async (agent: string, reason: string, body: unknown): Promise<void> => {
    context.log.warn('event could not be read', { source, agent, reason });
    context.measure('event', 'VENDOR_REJECTED', 0);
    await context.deadLetter({
      kind: 'event',
      reason: `Agent ${agent}: ${reason}`,
      body: Buffer.from(JSON.stringify(body) ?? String(body)),
    });
  };

  return {
    close: () => {
      for (const cancel of leaving.values()) cancel();
    },
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
    expectReplacement: (agent, fileName, expected) =>
      turns.run(agent, () =>
        setReplacements(agent, (names) =>
          [...names.filter((name) => !sameFile(name, fileName)), ...(expected ? [fileName] : [])].slice(-20),
        ),
      ),
    tasks: async (agent) => readTasks(await context.state.get(key(agent))),
    expect: (agent, task, before) =>
      turns.run(agent, async () => {
        let answer = { task, known: false };
        await context.state.update(key(agent), (stored) => {
          const tasks = readTasks(stored);
          const same = tasks.find(({ id }) => id === task.id);
          if (same && (same.endMs === null || eventsOf(same) > eventsOf(before.find(({ id }) => id === task.id)))) {
            answer = { task: same, known: true };
            return stored;
          }
          const expected = same && task.temporary ? { ...task, recording: `${task.id}~${context.clock.now()}` } : task;
          answer = { task: expected, known: false };
          return putTask(tasks, expected);
        });
        return answer;
      }),
  };
};
