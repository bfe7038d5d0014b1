/** Acts on every open blackout when its next step falls due. The rows are the timers: this only wakes up for them. */
import type { Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import type { BlackoutContext } from './context.ts';
import { executeStep } from './executor.ts';
import { datedBack } from './future-dated.ts';
import { type PlannedStep, planOf } from './plan.ts';
import { agentKey, changeBlackout, isOpen } from './repository.ts';
import { sendUnwritten } from './unwritten-stop.ts';

interface BlackoutScheduler {
  start(): void;
  /** Resolves when nothing is being acted on any more; what is due later waits for the next start, here or elsewhere. */
  stop(): Promise<void>;
  /** Looks at the rows again, now. */
  wake(): void;
  /** Resolves when everything that is due has been acted on. */
  idle(): Promise<void>;
}

const heldUpMs = 1000;

const isEnd = ({ step }: PlannedStep): boolean => step === 'end' || step === 'unmask';

export const createBlackoutScheduler = (context: BlackoutContext): BlackoutScheduler => {
  const { store, clock, sources, settings, log, lock, retries } = context;
  const acting = new Map<string, Promise<void>>();
  /** Until when (monotonic) no step of a blackout is taken, since one could not be written. */
  const heldUp = new Map<string, number>();
  let running = false;
  let checking: Promise<void> | null = null;
  let checkAgain = false;
  let cancelTimer = () => {};

  const stepsOf = (row: Blackout): readonly PlannedStep[] => {
    const source = sources.get(row.source);
    if (!source) return [];
    const isStopped = row.state === 'ACTIVE' && (context.unwrittenStops.get(row.id)?.requestedBy ?? null) !== null;
    if (isStopped) return [{ step: 'end', by: 'OPERATOR', atMs: 0 }];
    const traits = {
      confirmable: source.blackouts?.confirmable ?? false,
      confirmMs: source.confirmMs,
      retryAtMs: retries.atMs(row.id),
    };
    return planOf(row, traits);
  };
  /** An end that is due goes before what fell due while no server ran: nothing is warned of that is over. */
  const nextStep = (row: Blackout): PlannedStep | null => {
    const steps = stepsOf(row);
    return steps.find((one) => isEnd(one) && one.atMs <= clock.now()) ?? steps[0] ?? null;
  };

  const dueStep = async (id: string): Promise<{ row: Blackout; planned: PlannedStep } | null> => {
    const [row] = await store.blackouts.byIds([id]);
    const planned = row && isOpen(row) ? nextStep(row) : null;
    return row && planned && planned.atMs <= clock.now() ? { row, planned } : null;
  };

  /** Takes every step of one blackout that is due. A step that another server holds is looked at again when its lease is out. */
  const act = async (id: string, row: Blackout): Promise<void> => {
    // Often what this server does with the agent already leaves nothing due, and no lease is taken that a kill would leave behind.
    await lock.drained(agentKey(row));
    if ((await dueStep(id)) === null) return;
    const done = await lock.run(agentKey(row), 0, async (lease) => {
      for (;;) {
        const due = await dueStep(id);
        if (due === null) return true;
        await executeStep(context, due.row, due.planned, lease);
      }
    });
    if (done === null) retries.after(id, settings.leaseMs / 2);
  };

  const logFailure = (row: Blackout) => (error: unknown) =>
    log.error('a step of a blackout failed; it is tried again', {
      blackout: row.id,
      source: row.source,
      ...(error instanceof ExpectedError ? { code: error.code } : {}),
      message: error instanceof Error ? error.message : String(error),
    });

  /** A step that cannot be written keeps the steps after it, but for the end: that is sent all the same. */
  const sendDueEnd = async (id: string): Promise<void> => {
    const [row] = await store.blackouts.byIds([id]);
    const isDue = row && isOpen(row) && stepsOf(row).some((one) => isEnd(one) && one.atMs <= clock.now());
    if (isDue) await sendUnwritten(context, row);
  };

  const actSafely = async (row: Blackout): Promise<void> => {
    try {
      await act(row.id, row);
      heldUp.delete(row.id);
    } catch (error) {
      if (!(error instanceof ExpectedError)) await sendDueEnd(row.id).catch(logFailure(row));
      retries.failed(row.id);
      heldUp.set(row.id, clock.monotonicMs() + heldUpMs);
      logFailure(row)(error);
    }
  };

  const dateBack = (row: Blackout) => changeBlackout(context, row.id, async (_operations, before) => datedBack(before, clock.now()));

  const check = async (): Promise<void> => {
    const rows = await store.blackouts.open([...sources.keys()]);
    let nextMs = clock.now() + settings.sweepMs;
    for (const found of rows) {
      if (acting.has(found.id)) continue;
      const row = datedBack(found, clock.now()) === null ? found : ((await dateBack(found)) ?? found);
      const planned = nextStep(row);
      if (!planned) continue;
      const atMs = Math.max(planned.atMs, clock.now() + (heldUp.get(found.id) ?? 0) - clock.monotonicMs());
      if (atMs > clock.now()) {
        nextMs = Math.min(nextMs, atMs);
        continue;
      }
      const act = actSafely(row).finally(() => {
        acting.delete(row.id);
        wake();
      });
      acting.set(row.id, act);
    }
    cancelTimer();
    if (running) cancelTimer = clock.after(Math.max(0, nextMs - clock.now()), wake);
  };

  const wake = (): void => {
    if (!running) return;
    if (checking) {
      checkAgain = true;
      return;
    }
    checking = (async () => {
      do {
        checkAgain = false;
        try {
          await check();
        } catch (error) {
          log.error('blackouts could not be checked; this is tried again', {
            message: error instanceof Error ? error.message : String(error),
          });
          cancelTimer();
          if (running) cancelTimer = clock.after(settings.sweepMs, wake);
        }
      } while (checkAgain && running);
    })().finally(() => {
      checking = null;
    });
  };

  const idle = async (): Promise<void> => {
    while (checking || acting.size > 0) await Promise.all([checking, ...acting.values()]);
  };

  return {
    start: () => {
      running = true;
      wake();
    },
    stop: async () => {
      running = false;
      cancelTimer();
      await idle();
    },
    wake,
    idle,
  };
};
