import { z } from 'zod';
import { isDeeperThan } from '../lib/json-depth.ts';

/** `news`: the log of the store has grown. `hello`: a server of the store has begun to read. */
const message = z.object({ type: z.enum(['news', 'hello']), store: z.string() });

export type BusMessage = z.infer<typeof message>;

/** A message is one object of texts; others may publish anything. */
const maxDepth = 1;

/** Null for what no server of this version sent. */
export const readMessage = (body: unknown): BusMessage | null => {
  try {
    const value: unknown = Buffer.isBuffer(body) ? JSON.parse(body.toString('utf8')) : typeof body === 'string' ? JSON.parse(body) : body;
    return isDeeperThan(value, maxDepth) ? null : (message.safeParse(value).data ?? null);
  } catch {
    return null;
  }
};
