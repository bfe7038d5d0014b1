import { type Observer, observationsOf, pollingObserver, type VendorContext } from '../kit/index.ts';
import type { UptivityAgents } from './agents.ts';
import type { UptivitySettings } from './settings.ts';

/** Reads everyone every `pollSeconds`. */
export const createObserver = (settings: UptivitySettings, context: VendorContext, { readAll }: UptivityAgents): Observer =>
  pollingObserver(
    {
      source: settings.name,
      everyMs: settings.pollSeconds * 1000,
      read: async (signal) => {
        const { list, snapshots } = await readAll(signal);
        return { observations: observationsOf(snapshots()), digest: list.digest };
      },
    },
    context,
  );
