/** Keeps each agent's recording tasks, and the files that the next recording replaces, where every server finds them. */
import type { Clock, VendorState } from '../kit/index.ts';
import { putTask, sameFile, type Task, type Tasks } from './tasks.ts';

const maxReplacements = 20;
const tasksKey = (agent: string) => `tasks:${agent}`;
const replacementsKey = (agent: string) => `replacing:${agent}`;
const asTasks = (stored: unknown): Tasks => (stored as Tasks | null) ?? [];
const asNames = (stored: unknown): readonly string[] => (stored as readonly string[] | null) ?? [];

export const readTasks = async (state: VendorState, agent: string): Promise<Tasks> => asTasks(await state.get(tasksKey(agent)));

const eventsOf = (task: Task | undefined): number => task?.events ?? 0;

/** Takes in what an event changes; one event more is counted for the tasks that it is about. A null of `change` changes nothing. */
export const updateTasks = async (state: VendorState, agent: string, change: (tasks: Tasks) => Tasks | null): Promise<void> => {
  await state.update(tasksKey(agent), (stored) => {
    const before = asTasks(stored);
    const countedOnce = (task: Task): Task =>
      before.includes(task) ? task : { ...task, events: eventsOf(before.find(({ id }) => id === task.id)) + 1 };
    return change(before)?.map(countedOnce) ?? stored;
  });
};

/** Notes what a command started; answers the task as it is known by then. `before` are the tasks that were known when it was sent. */
export const expectTask = async (
  { state, clock }: { state: VendorState; clock: Clock },
  agent: string,
  { task, before }: { task: Task; before: Tasks },
): Promise<{ task: Task; known: boolean }> => {
  let answer = { task, known: false };
  await state.update(tasksKey(agent), (stored) => {
    const tasks = asTasks(stored);
    const same = tasks.find(({ id }) => id === task.id);
    if (same && (same.endMs === null || eventsOf(same) > eventsOf(before.find(({ id }) => id === task.id)))) {
      answer = { task: same, known: true };
      return stored;
    }
    const expected = same && task.temporary ? { ...task, recording: `${task.id}~${clock.now()}` } : task;
    answer = { task: expected, known: false };
    return putTask(tasks, expected);
  });
  return answer;
};

export const readReplacements = async (state: VendorState, agent: string): Promise<readonly string[]> =>
  asNames(await state.get(replacementsKey(agent)));

/** The next recording of this name replaces what the file holds; `false` takes that back. */
export const expectReplacement = async (
  state: VendorState,
  agent: string,
  { fileName, expected }: { fileName: string; expected: boolean },
): Promise<void> => {
  await state.update(replacementsKey(agent), (stored) =>
    [...asNames(stored).filter((name) => !sameFile(name, fileName)), ...(expected ? [fileName] : [])].slice(-maxReplacements),
  );
};
