/** Says for what vendors are called, so that a command's own reads do not wait behind the reads of queries. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Each has places of its own in front of a vendor. */
export type Lane = 'read' | 'command' | 'deadline';

const lanes = new AsyncLocalStorage<Lane>();

/** Runs `work`; each call to a vendor that it makes, reads too, takes a place of this lane. */
export const inLane = <T>(lane: Lane, work: () => T): T => lanes.run(lane, work);

/** Null where nothing says for what a vendor is called. */
export const currentLane = (): Lane | null => lanes.getStore() ?? null;
