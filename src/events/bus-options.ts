import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';

/** Where servers meet on a broker. */
export interface ExchangeOptions {
  /** The exchange that the servers share, and the start of their queues' names; `tapegraph.events` when absent. */
  exchange?: string | undefined;
  /** Appended to the exchange's name, so that two installations on one broker stay apart. */
  installation?: string | undefined;
}

export interface BusOptions extends ExchangeOptions {
  clock: Clock;
  log: Log;
  /** Names this server's queue; another server must have another. */
  serverId: string;
  /** The id of the store whose log the servers share. */
  storeId: string;
}

/** The name of the exchange, with which the names of the queues begin. */
export const exchangeNameOf = ({ exchange = 'tapegraph.events', installation }: ExchangeOptions): string =>
  installation === undefined ? exchange : `${exchange}.${installation}`;

export const exchangeDeclaration = (exchange: string) => ({ exchange, type: 'topic', durable: true });
