import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';

export interface BusOptions {
  clock: Clock;
  log: Log;
  /** Names this server's queue; another server must have another. */
  serverId: string;
  /** The id of the store whose log the servers share. */
  storeId: string;
  /** The exchange that the servers share, and the start of their queues' names; `tapegraph.events` when absent. */
  exchange?: string | undefined;
  /** Appended to the exchange's name, so that two installations on one broker stay apart. */
  installation?: string | undefined;
}
