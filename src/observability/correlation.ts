/** Which request or push the code at work belongs to, so that every line logged on its way bears its correlation id. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log } from '../domain/ports/log.ts';

interface Cause {
  correlationId: string;
  /** True if a vendor's push began it. */
  push: boolean;
}

const causes = new AsyncLocalStorage<Cause>();

export const correlated = <T>(correlationId: string, push: boolean, work: () => T): T => causes.run({ correlationId, push }, work);

export const isPush = (): boolean => causes.getStore()?.push ?? false;

/** The same log, whose lines bear the id of the request that they come from unless they name one. */
export const correlatedLog = (log: Log): Log => {
  const withId = (fields: Readonly<Record<string, unknown>> | undefined) => {
    const id = causes.getStore()?.correlationId;
    return id === undefined ? fields : { correlationId: id, ...fields };
  };
  return {
    info: (message, fields) => log.info(message, withId(fields)),
    warn: (message, fields) => log.warn(message, withId(fields)),
    error: (message, fields) => log.error(message, withId(fields)),
  };
};
