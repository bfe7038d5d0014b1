import { ExpectedError } from '../domain/model/errors.ts';
import type { Bus } from '../domain/ports/bus.ts';
import { type BusOptions, type ExchangeOptions, exchangeNameOf } from './bus-options.ts';
import { createMemoryBus } from './memory.ts';

const isRabbit = (url: string): boolean => /^amqps?:\/\//.test(url);

/** `memory:` or `amqp://user:password@host`. */
export const openBus = async (url: string, options: BusOptions): Promise<Bus> => {
  if (url === 'memory:' || url === 'memory') return createMemoryBus();
  if (isRabbit(url)) return (await import('./rabbit.ts')).createRabbitBus(url, options);
  throw new ExpectedError('INVALID_INPUT', 'bus.url names no known bus; give memory: or amqp://<user>@<host>.');
};

/** Throws where a start could not use the broker; leaves nothing behind on it. */
export const checkBus = async (url: string, exchange: ExchangeOptions = {}, maxMs?: number): Promise<void> => {
  if (isRabbit(url)) await (await import('./check-rabbit.ts')).checkRabbit(url, exchangeNameOf(exchange), maxMs);
};
