/** Bounds what waits to be sent on streams, for each consumer and for all together. */
import type { Clock } from '../domain/ports/clock.ts';

interface ConsumerLimits {
  bufferBytes: number;
  bufferBytesTogether: number;
  slowConsumerSeconds: number;
}

/** One connection that streams are sent on. */
export interface Consumer {
  /** Bytes that wait to be sent on it. */
  waiting(): number;
  /** Ends the connection and its streams at once. */
  drop(): void;
}

export interface Consumers {
  /**
   * Called after each write; `flushed` resolves when the write has left. Resolves at once while the consumer keeps up; where it has
   * more than `bufferBytes` waiting, when that has left. Drops a consumer that does not keep up in time, has far too much waiting, or is the
   * slowest while all together have too much. Meanwhile its streams read no events; those are read later from the event log.
   */
  waitForFlush(consumer: Consumer, flushed: Promise<void>): Promise<void>;
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
  const dropSlowest = () => {
    while (total > limits.bufferBytesTogether) {
      let slowest: Consumer | null = null;
      for (const [consumer, bytes] of behind) if (slowest === null || bytes > behind.get(slowest)!) slowest = consumer;
      if (slowest === null) return;
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
      note(consumer, consumer.waiting());
      const left = flushed.then(() => {
        if (behind.has(consumer)) note(consumer, consumer.waiting());
      });
      const waiting = behind.get(consumer) ?? 0;
      if (waiting > limits.bufferBytes * 8) return drop(consumer);
      if (total > limits.bufferBytesTogether) dropSlowest();
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
    get waiting() {
      return total;
    },
  };
};
