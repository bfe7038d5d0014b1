import type { Awaited } from './awaited.ts';
import type { ControlContext } from './context.ts';
import { recoverCommands } from './resolve.ts';

export interface Recovery {
  /** Resolves what an earlier run left open, then looks again every `sweepMs`. */
  start(): Promise<void>;
  /** Resolves when nothing is being resolved any more. */
  stop(): Promise<void>;
}

export const createRecovery = (context: ControlContext, awaited: Awaited): Recovery => {
  const { clock, settings, log, store, sources } = context;
  let cancel = () => {};
  let running = false;
  let sweeping: Promise<void> = Promise.resolve();

  const recover = async (): Promise<void> => {
    try {
      await awaited.load(store, [...sources.keys()]);
      await recoverCommands(context);
    } catch (error) {
      log.error('commands without an outcome could not be resolved; this is tried again', {
        message: error instanceof Error ? error.message : String(error),
      });
    }
  };
  const sweepLater = (): void => {
    cancel = clock.after(settings.sweepMs, () => {
      sweeping = recover().then(() => {
        if (running) sweepLater();
      });
    });
  };
  return {
    start: async () => {
      running = true;
      await recover();
      if (running) sweepLater();
    },
    stop: async () => {
      running = false;
      cancel();
      await sweeping;
    },
  };
};
