import { observationsOf, type Poll, type PollingObserver, pollingObserver } from '../kit/index.ts';
import type { UptivityAgents } from './agents.ts';
import type { UptivitySource } from './source.ts';

/** A poll, and the external ids of all that its answer lists. */
interface ListPoll extends Poll {
  agents: readonly string[];
}

/** Reads everyone every `pollSeconds`. */
export const createObserver = ({ settings, context }: UptivitySource, { readAll }: UptivityAgents): PollingObserver<ListPoll> =>
  pollingObserver(
    {
      source: settings.name,
      everyMs: settings.pollSeconds * 1000,
      read: async (signal) => {
        const { agents, digest, snapshots } = await readAll(signal);
        return {
          agents,
          digest,
          get observations() {
            return observationsOf(snapshots());
          },
        };
      },
    },
    context,
  );
