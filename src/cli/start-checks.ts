/** Looks at everything that a start needs, before any work is done for it. */
import type { Configuration } from '../config/load.ts';
import { checkBus } from '../events/index.ts';
import { checkStore } from '../storage/index.ts';
import { assertCanListen, isOperators, StartError } from './start-errors.ts';

/** Throws one `StartError`, a line for each thing that a start would fail at; what is no operator's matter is thrown as it is. */
export const assertCanStart = async ({ server, store, bus }: Pick<Configuration, 'server' | 'store' | 'bus'>): Promise<void> => {
  const exchange = { exchange: bus.exchange, installation: server.installation };
  const checks = [() => assertCanListen(server.host, server.port), () => checkStore(store.url), () => checkBus(bus.url, exchange)];
  const results = await Promise.allSettled(checks.map((check) => check()));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const bug = errors.find((error) => !isOperators(error));
  if (bug !== undefined) throw bug;
  if (errors.length > 0) throw new StartError(errors.map(({ message }) => message).join('\n'), { cause: errors[0] });
};
