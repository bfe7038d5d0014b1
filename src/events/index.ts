import { ExpectedError } from '../domain/model/errors.ts';
import type { Bus } from '../domain/ports/bus.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import { createMemoryBus } from './memory.ts';

export interface BusTools {
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

/** `memory:` or `amqp://user:password@host`. */
export const openBus = async (url: string, tools: BusTools): Promise<Bus> => {
  if (url === 'memory:' || url === 'memory') return createMemoryBus();
  if (/^amqps?:\/\//.test(url)) return (await import('./rabbit.ts')).createRabbitBus(url, tools);
  throw new ExpectedError('INVALID_INPUT', 'bus.url names no known bus; give memory: or amqp://<user>@<host>.');
};
