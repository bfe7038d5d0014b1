/** Bounds what waits to be sent, for each consumer and for all together. */
import type { ServerResponse } from 'node:http';
import type { Caller } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';

interface ConsumerLimits {
  bufferBytes: number;
  bufferBytesTogether: number;
  slowConsumerSeconds: number;
}

/** One connection that streams or an answer are sent on. */
export interface Consumer {
  /** Names its caller. */
  caller(): string;
  /** Bytes that wait to be sent on it. */
  waiting(): number;
  /** Ends the connection and its streams at once. */
  drop(): void;
}

export interface Consumers {
  /**
   * Called after each write; `flushed` resolves when the write has left. Resolves at once while the consumer keeps up; where it has
   * more than `bufferBytes` waiting, when that has left. Drops a consumer that does not keep up in time, is written to while far too much waits, or
   * is the slowest of the caller who has most while all together have too much. Meanwhile its streams read no events; those are read later from the event log.
   */
  waitForFlush(consumer: Consumer, flushed: Promise<void>): Promise<void>;
  /** Called when an answer was written whole; `left` resolves when nothing of it waits any more. */
  hold(consumer: Consumer, left: Promise<unknown>): void;
  /** Bytes that wait on all of them. */
  readonly waiting: number;
}

/** Writes of all streams in one turn of the event loop, before they wait for the next. */
const maxWritesATurn = 64;

export const createConsumers = (limits: ConsumerLimits, clock: Clock): Consumers => {
  /** Those that have something waiting, and how much. */
  const behind = new Map<Consumer, number>();
  let total = 0;

  const note = (consumer: Consumer, bytes: number) => {
    total += bytes - (behind.get(consumer) ?? 0);
    if (bytes === 0) behind.delete(consumer);
    else behind.set(consumer, bytes);
  };
  const drop = (consumer: Consumer) => {
    note(consumer, 0);
    consumer.drop();
  };
  /** The slowest of the caller who has most waiting. */
  const findSlowest = (): Consumer | undefined => {
    const sumOf = (entries: readonly (readonly [Consumer, number])[]) => entries.reduce((sum, [, bytes]) => sum + bytes, 0);
    const byCaller = [...Map.groupBy(behind, ([consumer]) => consumer.caller()).values()];
    const most = byCaller.toSorted((left, right) => sumOf(right) - sumOf(left))[0];
    return most?.toSorted(([, left], [, right]) => right - left)[0]?.[0];
  };
  const dropSlowest = () => {
    if (total <= limits.bufferBytesTogether) return;
    for (const consumer of behind.keys()) note(consumer, consumer.waiting());
    while (total > limits.bufferBytesTogether) {
      const slowest = findSlowest();
      if (slowest === undefined) return;
      drop(slowest);
    }
  };

  let writesThisTurn = 0;
  let turn: Promise<void> | null = null;
  /** A stream with a long backlog would never let the event loop see that its consumer has gone. */
  const nextTurn = (): Promise<void> => {
    turn ??= new Promise((resolve) =>
      setImmediate(() => {
        writesThisTurn = 0;
        turn = null;
        resolve();
      }),
    );
    return turn;
  };

  return {
    waitForFlush: async (consumer, flushed) => {
      writesThisTurn += 1;
      const before = behind.get(consumer) ?? 0;
      note(consumer, consumer.waiting());
      const left = flushed.then(() => {
        if (behind.has(consumer)) note(consumer, consumer.waiting());
      });
      const waiting = behind.get(consumer) ?? 0;
      // One answer alone may be longer.
      if (Math.min(before, waiting) > limits.bufferBytes * 8) return drop(consumer);
      dropSlowest();
      if (waiting <= limits.bufferBytes || !behind.has(consumer)) return writesThisTurn > maxWritesATurn ? nextTurn() : undefined;
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(limits.slowConsumerSeconds * 1000, () => {
          drop(consumer);
          resolve();
        });
      });
      await Promise.race([left, late]);
      cancel();
    },
    hold: (consumer, left) => {
      note(consumer, consumer.waiting());
      dropSlowest();
      void left.then(() => note(consumer, 0));
    },
    get waiting() {
      return total;
    },
  };
};

/** The connection of an HTTP response. */
export const responseConsumer = (response: ServerResponse, { principal }: Caller): Consumer => ({
  caller: () => principal.name,
  waiting: () => response.writableLength,
  drop: () => void response.destroy(),
});

/** Counts an answer that was written whole among what waits, until it has left or its connection is closed. */
export const holdAnswer = ({ hold }: Pick<Consumers, 'hold'>, response: ServerResponse, caller: Caller): void => {
  if (response.writableLength > 0) hold(responseConsumer(response, caller), new Promise((resolve) => response.once('close', resolve)));
};
