import { type Interval, instant, type Observation, type Recording } from '../kit/index.ts';

/** A recording task of an agent. */
export interface Task {
  /** As a string; the gateway says a number in events and a string in answers. */
  id: string;
  /** The recording that it writes: the file name, or the task itself until the file name is known. */
  recording: string;
  /** True if `recording` names the task for want of the file name. */
  temporary: boolean;
  call: string | null;
  /** True if AgentMediaEvent_Record was seen. */
  running: boolean;
  beginMs: number | null;
  endMs: number | null;
  /** The number of events that reported it: servers' clocks may differ by more than an answer and its event do. */
  events?: number;
  /** By how many ms its times may be off; absent for none. */
  offByMs?: number | undefined;
}

/** Returns true if the gateway reported that it could not be recorded. */
export const hasFailed = (task: Task): boolean => !task.running && task.endMs !== null;

/** Tasks of one agent, oldest first. */
export type Tasks = readonly Task[];

export interface MediaReading {
  observations: readonly Observation[];
  tasks: Tasks;
}

const maxTasks = 40;
export const putTask = (tasks: Tasks, task: Task): Tasks =>
  (tasks.some(({ id }) => id === task.id) ? tasks.map((one) => (one.id === task.id ? task : one)) : [...tasks, task]).slice(-maxTasks);

export interface MediaContext {
  agent: string;
  atMs: number;
  tasks: Tasks;
  /** Live recordings of the agent. */
  live: readonly Recording[];
  activeCall: string | null;
  /** Files that a client wants replaced by the next recording of that name. */
  replacing: readonly string[];
  /** A time of the gateway's clock in this server's, epoch ms. */
  toOurs(vendorMs: number): number;
  /** By how many ms such a time may be off still. */
  clockErrorMs: number;
}

export const sameFile = (left: string, right: string) =>
  left.replaceAll('\\', '/').toLowerCase() === right.replaceAll('\\', '/').toLowerCase();

/** Returns the interval in which a task wrote; open where its end was not reported. */
export const segmentsOf = (parts: readonly Task[]): readonly Interval[] =>
  parts
    .flatMap(({ beginMs, endMs }) =>
      beginMs === null ? [] : [{ startsAt: instant(beginMs), endsAt: endMs === null ? null : instant(endMs) }],
    )
    .toSorted((left, right) => (left.startsAt < right.startsAt ? -1 : 1));
