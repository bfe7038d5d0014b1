/** Opens what the server stands on: store, bus, live state, log and traces. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Configuration } from './config/load.ts';
import { createLiveState, type LiveState } from './domain/observe/live-state.ts';
import type { Bus } from './domain/ports/bus.ts';
import type { Clock, Ids } from './domain/ports/clock.ts';
import type { Log } from './domain/ports/log.ts';
import type { Store } from './domain/ports/store.ts';
import { openBus } from './events/index.ts';
import { correlatedLog } from './observability/correlation.ts';
import { wantsTracing } from './observability/instrumentation.ts';
import type { Tracing } from './observability/tracing.ts';
import { openStore } from './storage/index.ts';

/** Names this server among those that share its store. */
interface Identity {
  /** True if it shares its store with no other. */
  isAlone: boolean;
  serverName: string;
  /** Another at each start, where there are several. */
  serverId: string;
}

export interface Infrastructure extends Identity {
  clock: Clock;
  ids: Ids;
  /** Each line has the correlation id of the request that it was written in. */
  log: Log;
  tracing: Tracing | null;
  store: Store;
  bus: Bus;
  sourceNames: readonly string[];
  liveState: LiveState;
}

const identityOf = ({ bus, server }: Configuration): Identity => {
  const isAlone = bus.url.startsWith('memory:');
  const serverName = isAlone ? 'single' : (server.name ?? `${hostname()}-${process.pid}`);
  // Two servers may be given the same name; one that is alone takes its own leases up again at once.
  return { isAlone, serverName, serverId: isAlone ? serverName : `${serverName}-${randomUUID().slice(0, 8)}` };
};

const openTracing = async ({ tracing }: Configuration, log: Log): Promise<Tracing | null> =>
  wantsTracing(tracing, process.env) ? (await import('./observability/tracing.ts')).startTracing(tracing, log) : null;

export const openInfrastructure = async (
  configuration: Configuration,
  given: Pick<Infrastructure, 'clock' | 'ids' | 'log'>,
): Promise<Infrastructure> => {
  const { clock, ids } = given;
  const log = correlatedLog(given.log);
  const identity = identityOf(configuration);
  const tracing = await openTracing(configuration, log);
  const store = await openStore(configuration.store.url, { clock, ids });
  const bus = await openBus(configuration.bus.url, {
    clock,
    log,
    serverId: identity.serverId,
    storeId: await store.id(),
    exchange: configuration.bus.exchange,
    installation: configuration.server.installation,
  });
  const sourceNames = configuration.sources.map(({ settings }) => settings.name);
  const liveState = createLiveState();
  await liveState.load(store, sourceNames);
  // Corrects what an earlier run wrote with a clock that was ahead.
  liveState.clampTo(clock.now());
  return { ...identity, clock, ids, log, tracing, store, bus, sourceNames, liveState };
};
