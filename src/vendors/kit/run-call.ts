/** Calls to a vendor: each waits for a place, has a deadline, is repeated where that does no harm, and shows in health and metrics. */
import { setTimeout as wait } from 'node:timers/promises';
import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { ExpectedError } from '../../domain/model/errors.ts';
import { currentLane, type Lane } from '../../lib/lane.ts';
import { begunWithin, type Deadline, NotBegun, OverDeadline, startDeadline } from './deadline.ts';
import { isServerError, type VendorCall } from './exchange.ts';
import { pauseBefore } from './retry.ts';
import { isPassing } from './transport-failures.ts';
import { failureOf, translated } from './vendor-errors.ts';
import { kindOf, type VendorRequest } from './vendor-request.ts';

/** Carries a failure past the circuit breaker, which does not count it. */
class FailedAlone extends Error {
  constructor(readonly failure: unknown) {
    super();
  }
}

const laneOf = (request: VendorRequest): Lane =>
  request.atDeadline ? 'deadline' : (currentLane() ?? (kindOf(request) === 'read' ? 'read' : 'command'));

/**
 * Repeats what passes, as far as the kind, the deadline, the budget and a closed circuit allow. cockatiel's retry knows neither a budget nor
 * Retry-After nor a deadline that moves with a stream, and would take more code than this loop.
 */
const withRepeats = async <T>(call: VendorCall, deadline: Deadline, attempt: () => Promise<T>): Promise<T> => {
  const { request, budget, circuit, context } = call;
  const repeatable = kindOf(request) !== 'command' && !request.unbounded && circuit.state === 'CLOSED';
  let earlier: unknown;
  budget.earn();
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (caught) {
      const error = failureOf(call, deadline, caught);
      const failed =
        repeatable && isPassing(error) ? { made, leftMs: deadline.leftMs(), retryAfterSeconds: error.retryAfterSeconds } : null;
      const pauseMs = failed && pauseBefore(failed);
      // Where a repeat is cut short, the error before it says more than the deadline.
      if (pauseMs === null || !budget.spend()) throw deadline.signal.reason instanceof OverDeadline ? (earlier ?? error) : error;
      earlier = error;
      context.meter?.repeated(request.operation);
      await wait(pauseMs, undefined, { signal: deadline.signal }).catch(() => undefined);
    }
  }
};

/** Waits for a place, and for a probe of an open circuit that is out. */
const inPlace = async <T>(call: VendorCall, work: (deadline: Deadline) => Promise<T>): Promise<T> => {
  const { request, options, circuit, context } = call;
  const { meter } = context;
  let waits = true;
  meter?.waiting(1);
  const begin = async (): Promise<T> => {
    waits = false;
    meter?.waiting(-1);
    meter?.inFlight(1);
    const deadline = startDeadline(request.timeoutMs ?? options.timeoutMs, request.signal);
    try {
      return await withRepeats(call, deadline, () => work(deadline));
    } catch (error) {
      deadline.done();
      throw request.failsAlone?.() ? new FailedAlone(error) : error;
    } finally {
      meter?.inFlight(-1);
    }
  };
  const execute = <R>(task: () => Promise<R>) => (request.unbounded ? circuit.executePoll(task) : circuit.execute(laneOf(request), task));
  const begun = () => begunWithin({ limitMs: options.timeoutMs, caller: request.signal, execute }, begin);
  try {
    return await (meter ? meter.span(request.operation, begun) : begun());
  } finally {
    if (waits) meter?.waiting(-1);
  }
};

/**
 * `work` answers under the deadline that it is handed, and ends it: a stream does when it is over. A failure stays in the health until what it is
 * `about` works; where that is absent, until anything does.
 */
export const runCall = async <T extends { status: number }>(
  call: VendorCall,
  about: string | undefined,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> => {
  const { options, notes, context } = call;
  const { operation } = call.request;
  const startedAt = performance.now();
  try {
    const answer = await inPlace(call, work);
    const failing = isServerError(answer.status);
    notes.outcome(failing ? `${options.source}: ${operation} was answered with HTTP ${answer.status}.` : null, about);
    context.measure(operation, failing ? 'VENDOR_UNAVAILABLE' : 'OK', performance.now() - startedAt);
    return answer;
  } catch (caught) {
    const error = translated(call, caught instanceof FailedAlone ? caught.failure : caught);
    if (error instanceof ExpectedError) {
      const hasWaitedInVain = caught instanceof BulkheadRejectedError || caught instanceof NotBegun;
      // A call that an open circuit kept back is no new failure.
      if (!(caught instanceof BrokenCircuitError)) notes.outcome(error.message, hasWaitedInVain ? undefined : about);
      context.measure(operation, error.code, performance.now() - startedAt);
    }
    throw error;
  }
};
