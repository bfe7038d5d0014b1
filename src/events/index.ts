import { ExpectedError } from '../domain/model/errors.ts';
import type { Bus } from '../domain/ports/bus.ts';
import type { BusOptions } from './bus-options.ts';
import { createMemoryBus } from './memory.ts';

const isRabbit = (url: string): boolean => /^amqps?:\/\//.test(url);

/** `memory:` or `amqp://user:password@host`. */
export const openBus = async (url: string, options: BusOptions): Promise<Bus> => {
  if (url === 'memory:' || url === 'memory') return createMemoryBus();
  if (isRabbit(url)) return (await import('./rabbit.ts')).createRabbitBus(url, options);
  throw new ExpectedError('INVALID_INPUT', 'bus.url names no known bus; give memory: or amqp://<user>@<host>.');
};

/** Throws where the broker lets nobody in within some seconds; sends nothing. */
export const checkBus = async (url: string, maxMs?: number): Promise<void> => {
  if (isRabbit(url)) await (await import('./check-rabbit.ts')).checkRabbit(url, maxMs);
};
