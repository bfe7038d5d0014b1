import type { LiveEvent } from '../model/events.ts';

/** The events that live state has applied: of each row, the last. */
interface AppliedEvents {
  /** The largest event id applied, or `begin`'s. */
  position(): number;
  /** Begins behind an event, such as where rows were loaded. */
  begin(position: number): void;
  /** Returns true, and records the event, unless it or a later one of its row was applied. */
  record(event: LiveEvent): boolean;
  /** Tells, of events beyond `id`, those that were applied: itself, or a later one of the same row. */
  above(id: number): (event: LiveEvent) => boolean;
}

/** An event this far behind the last is never applied again. */
const maxBehind = 50_000;
const maxRows = 100_000;

const rowName = ({ entityType, source, key }: LiveEvent): string => `${entityType} ${source} ${key}`;

export const createAppliedEvents = (): AppliedEvents => {
  const last = new Map<string, number>();
  let position = 0;
  const forgetOld = (): void => {
    for (const [row, id] of last) if (id < position - maxBehind) last.delete(row);
  };
  return {
    position: () => position,
    begin: (at) => {
      position = at;
    },
    record: (event) => {
      const row = rowName(event);
      if ((last.get(row) ?? 0) >= event.id) return false;
      last.set(row, event.id);
      position = Math.max(position, event.id);
      if (last.size > maxRows) forgetOld();
      return true;
    },
    above: (id) => {
      const ahead = new Map(position <= id ? [] : [...last].filter(([, applied]) => applied > id));
      return (event) => (ahead.get(rowName(event)) ?? 0) >= event.id;
    },
  };
};
