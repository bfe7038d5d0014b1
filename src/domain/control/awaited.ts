/** The commands that a further observation of their agents may resolve. */

import type { ControlCommand } from '../model/entities.ts';
import type { LiveEvent } from '../model/events.ts';
import { epochMs } from '../model/instant.ts';
import type { AwaitedCommand } from '../observe/observation-result.ts';
import type { Store } from '../ports/store.ts';
import { isControlOperation } from './confirmation.ts';

export interface Awaited {
  /**
   * The open commands that an observation made at `asOfMs` may resolve though it changes nothing: none was held against them yet. A
   * blackout's commands are always among them, since more than the agent's state resolves those.
   */
  unjudged(source: string, asOfMs: number): readonly AwaitedCommand[];
  /** Notes that a committed observation was held against these, as `unjudged` answered them: from now on, only a change of the agent resolves them. */
  noteJudged(source: string, commands: readonly AwaitedCommand[]): void;
  apply(events: readonly LiveEvent[]): void;
  /** Fills it with what the store has open. */
  load(store: Pick<Store, 'commands'>, sources: readonly string[]): Promise<void>;
}

/** When an observation begins to say something of the command. */
export const judgedSinceMs = ({ status, problem, acceptedAt, requestedAt }: ControlCommand): number => {
  if (status === 'ACCEPTED') return epochMs(acceptedAt!);
  return status === 'PENDING' && problem !== null ? epochMs(requestedAt) : Number.POSITIVE_INFINITY;
};

const always = Number.NEGATIVE_INFINITY;

interface OfSource {
  /** Status by command id. */
  open: Map<string, string>;
  unjudged: Map<string, AwaitedCommand>;
}

export const createAwaited = (): Awaited => {
  const bySource = new Map<string, OfSource>();
  /** Commands whose completion came in while the open ones were being read, so that what was read of them is old. */
  let completedMeanwhile: Set<string> | null = null;

  const ofSource = (source: string): OfSource => {
    const known = bySource.get(source) ?? { open: new Map(), unjudged: new Map() };
    bySource.set(source, known);
    return known;
  };
  const noteOpen = (row: ControlCommand): void => {
    const { open, unjudged } = ofSource(row.source);
    open.set(row.id, row.status);
    if (row.agent === null) return;
    const sinceMs = isControlOperation(row.operation) ? judgedSinceMs(row) : always;
    unjudged.set(row.id, { id: row.id, agent: row.agent, sinceMs });
  };

  return {
    unjudged: (source, asOfMs) => [...ofSource(source).unjudged.values()].filter(({ sinceMs }) => sinceMs <= asOfMs),
    noteJudged: (source, commands) => {
      const { unjudged } = ofSource(source);
      for (const one of commands) if (one.sinceMs !== always && unjudged.get(one.id) === one) unjudged.delete(one.id);
    },
    apply: (events) => {
      for (const { entityType, source, key, state: row } of events) {
        if (entityType !== 'command') continue;
        if (row.completedAt === null) {
          noteOpen(row);
          continue;
        }
        ofSource(source).open.delete(key);
        ofSource(source).unjudged.delete(key);
        completedMeanwhile?.add(key);
      }
    },
    load: async (store, sources) => {
      const completed = new Set<string>();
      completedMeanwhile = completed;
      const rows = await store.commands.open(sources).finally(() => {
        completedMeanwhile = null;
      });
      for (const row of rows) if (!completed.has(row.id) && ofSource(row.source).open.get(row.id) !== row.status) noteOpen(row);
    },
  };
};
