/** The commands and blackouts that a further observation of the agent may resolve. */
import type { ControlCommand, LiveEvent } from '../model/entities.ts';
import type { Store } from '../ports/store.ts';

export interface Awaited {
  /** Whether an observation of the source without changes may still resolve something. */
  has(source: string): boolean;
  apply(events: readonly LiveEvent[]): void;
  /** Fills it with what the store has open. */
  load(store: Pick<Store, 'commands'>, sources: readonly string[]): Promise<void>;
}

export const createAwaited = (): Awaited => {
  const bySource = new Map<string, Set<string>>();
  /** Commands whose completion came in while the open ones were being read, so that what was read of them is old. */
  let completedMeanwhile: Set<string> | null = null;

  const note = (source: string, id: string, isOpen: boolean): void => {
    const ofSource = bySource.get(source) ?? new Set();
    bySource.set(source, ofSource);
    if (isOpen) ofSource.add(id);
    else ofSource.delete(id);
  };

  return {
    has: (source) => (bySource.get(source)?.size ?? 0) > 0,
    apply: (events) => {
      for (const { entityType, source, key, state } of events) {
        if (entityType !== 'command') continue;
        const isOpen = (state as ControlCommand).completedAt === null;
        note(source, key, isOpen);
        if (!isOpen) completedMeanwhile?.add(key);
      }
    },
    load: async (store, sources) => {
      const completed = new Set<string>();
      completedMeanwhile = completed;
      const open = await store.commands.open(sources).finally(() => {
        completedMeanwhile = null;
      });
      for (const row of open) if (!completed.has(row.id)) note(row.source, row.id, true);
    },
  };
};
