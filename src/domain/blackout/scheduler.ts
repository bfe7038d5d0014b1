/** Acts on every open blackout when its next step falls due. The rows are the timers: this only wakes up for them. */
import type { ControlContext } from '../control/context.ts';
import type { Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import type { AgentLock, Hold } from './agent-lock.ts';
import { datedBack } from './future-dated.ts';
import { agentKey } from './masking.ts';
import { type PlannedStep, planOf } from './plan.ts';
import type { Retries } from './retries.ts';
import { isOpen } from './row-writer.ts';
import type { Steps } from './steps.ts';

export interface BlackoutScheduler {
  start(): void;
  /** Resolves when nothing is being acted on any more; what is due later waits for the next start, here or elsewhere. */
  stop(): Promise<void>;
  /** Looks at the rows again, now. */
  wake(): void;
  /** Resolves when everything that is due has been acted on. */
  idle(): Promise<void>;
}

export const createBlackoutScheduler = (deps: ControlContext, steps: Steps, lock: AgentLock, retries: Retries): BlackoutScheduler => {
  const { store, clock, sources, settings, log } = deps;
  const acting = new Map<string, Promise<void>>();
  let running = false;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let cancelTimer = () => {};

  const nextStep = (row: Blackout): PlannedStep | null => {
    const source = sources.get(row.source);
    if (!source) return null;
    const traits = {
      confirmable: source.blackouts?.confirmable ?? false,
      confirmMs: source.confirmMs,
      retryAtMs: retries.atMs(row.id),
    };
    return planOf(row, traits)[0] ?? null;
  };

  const take = async (row: Blackout, planned: PlannedStep, hold: Hold): Promise<void> => {
    const source = sources.get(row.source)!;
    if (planned.step === 'mask') await steps.mask(row, source, hold);
    else if (planned.step === 'maskAgain') await steps.maskAgain(row, source, hold);
    else if (planned.step === 'unmask') await steps.unmask(row, source, hold);
    else if (planned.step === 'end') await steps.end(row, planned.by);
    else if (planned.step === 'warn') await steps.warn(row, planned.warning);
    else await steps.begin(row);
  };

  const dueStep = async (id: string): Promise<{ row: Blackout; planned: PlannedStep } | null> => {
    const [row] = await store.blackouts.byIds([id]);
    const planned = row && isOpen(row) ? nextStep(row) : null;
    return row && planned && planned.atMs <= clock.now() ? { row, planned } : null;
  };

  /** Takes every step of one blackout that is due. A step that another server holds is looked at again when its lease is out. */
  const act = async (id: string, row: Blackout): Promise<void> => {
    // Often what this server does with the agent already leaves nothing due, and no lease is taken that a kill would leave behind.
    await lock.idle(agentKey(row));
    if ((await dueStep(id)) === null) return;
    const done = await lock.run(agentKey(row), 0, async (hold) => {
      for (;;) {
        const due = await dueStep(id);
        if (due === null) return true;
        await take(due.row, due.planned, hold);
      }
    });
    if (done === null) retries.after(id, settings.leaseMs / 2);
  };

  const actSafely = async (row: Blackout): Promise<void> => {
    try {
      await act(row.id, row);
    } catch (error) {
      retries.failed(row.id);
      const message = error instanceof Error ? error.message : String(error);
      log.error('blackout.act.failed', {
        blackout: row.id,
        source: row.source,
        ...(error instanceof ExpectedError ? { code: error.code } : {}),
        message,
      });
    }
  };

  const look = async (): Promise<void> => {
    const rows = await store.blackouts.open([...sources.keys()]);
    let nextMs = clock.now() + settings.sweepMs;
    for (const found of rows) {
      if (acting.has(found.id)) continue;
      const row = datedBack(found, clock.now()) === null ? found : ((await steps.dateBack(found)) ?? found);
      const planned = nextStep(row);
      if (!planned) continue;
      if (planned.atMs > clock.now()) {
        nextMs = Math.min(nextMs, planned.atMs);
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
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = (async () => {
      do {
        lookAgain = false;
        try {
          await look();
        } catch (error) {
          log.error('blackout.look.failed', { message: error instanceof Error ? error.message : String(error) });
          cancelTimer();
          if (running) cancelTimer = clock.after(settings.sweepMs, wake);
        }
      } while (lookAgain && running);
    })().finally(() => {
      looking = null;
    });
  };

  const idle = async (): Promise<void> => {
    while (looking || acting.size > 0) await Promise.all([looking, ...acting.values()]);
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
