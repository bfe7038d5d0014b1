/** The bulkhead and the circuit breaker in front of one source. */
import { CircuitState as BreakerState, type BulkheadPolicy, bulkhead, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import type { CircuitState } from '../../domain/model/enums.ts';
import { ExpectedError } from '../../domain/model/errors.ts';
import type { Lane } from '../../lib/lane.ts';

export interface Circuit {
  /** Waits for a place, and for a probe that is out; throws cockatiel's errors where there is no place and while the circuit is open. */
  execute<T>(lane: Lane, work: () => Promise<T>): Promise<T>;
  /** As `execute`, without a place. A poll that the vendor holds on to closes a half-open circuit: no command may have to wait for its end. */
  executePoll<T>(work: () => Promise<T>): Promise<T>;
  readonly state: CircuitState;
}

const states: Record<BreakerState, CircuitState> = {
  [BreakerState.Closed]: 'CLOSED',
  [BreakerState.HalfOpen]: 'HALF_OPEN',
  [BreakerState.Open]: 'OPEN',
  [BreakerState.Isolated]: 'OPEN',
};

const waitingForEachPlace = 64;
/** A gateway that is down or overloaded refuses sooner. */
const heldMs = 500;

const isVendorsFault = (error: unknown): boolean =>
  error instanceof ExpectedError && (error.code === 'VENDOR_UNAVAILABLE' || error.code === 'VENDOR_TIMEOUT') && error.retryable;

const isServerError = (answer: unknown): boolean => {
  const { status } = (answer ?? {}) as { status?: unknown };
  return typeof status === 'number' && (status === 429 || status >= 500);
};

export const createCircuit = (maxConcurrency: number, { failures, resetSeconds }: { failures: number; resetSeconds: number }): Circuit => {
  const places = () => bulkhead(maxConcurrency, maxConcurrency * waitingForEachPlace);
  const lanes: Readonly<Record<Lane, BulkheadPolicy>> = { read: places(), command: places(), deadline: places() };
  const breaker = circuitBreaker(handleWhen(isVendorsFault).orWhenResult(isServerError), {
    halfOpenAfter: resetSeconds * 1000,
    breaker: new ConsecutiveBreaker(failures),
  });

  const executePoll = async <T>(work: () => Promise<T>): Promise<T> => {
    if (breaker.state === BreakerState.Closed) return breaker.execute(work);
    let polling: Promise<T> | undefined;
    await breaker.execute(async () => {
      polling = work();
      let timer: NodeJS.Timeout | undefined;
      const held = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, heldMs);
      });
      try {
        await Promise.race([polling, held]);
      } finally {
        clearTimeout(timer);
      }
    });
    return polling!;
  };

  return {
    execute: (lane, work) => lanes[lane].execute(() => breaker.execute(work)),
    executePoll,
    get state() {
      return states[breaker.state];
    },
  };
};
