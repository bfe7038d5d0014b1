import type { LiveEvent } from '../domain/model/entities.ts';

/** Events that follow each other and share a routing key, `<entity>.<source>`, travel together. */
export const runs = (events: readonly LiveEvent[]): readonly { routingKey: string; events: readonly LiveEvent[] }[] => {
  const found: { routingKey: string; events: LiveEvent[] }[] = [];
  for (const event of events) {
    const routingKey = `${event.entityType}.${event.source}`;
    const last = found.at(-1);
    if (last?.routingKey === routingKey) last.events.push(event);
    else found.push({ routingKey, events: [event] });
  }
  return found;
};

const isEvent = (value: unknown): value is LiveEvent => {
  const { id, at, entityType, source, key, state } = (value ?? {}) as Partial<Record<keyof LiveEvent, unknown>>;
  return Number.isSafeInteger(id) && [at, entityType, source, key].every((text) => typeof text === 'string') && typeof state === 'object';
};

/** Null for what no server of ours sent. */
export const readEvents = (body: unknown): readonly LiveEvent[] | null => {
  try {
    const value: unknown = Buffer.isBuffer(body) ? JSON.parse(body.toString('utf8')) : typeof body === 'string' ? JSON.parse(body) : body;
    return Array.isArray(value) && value.length > 0 && value.every(isEvent) ? value : null;
  } catch {
    return null;
  }
};
