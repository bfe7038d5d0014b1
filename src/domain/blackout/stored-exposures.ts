import { type AgentState, storedState } from '../control/agent-state.ts';
import type { Blackout, Instant, Recording, SourceKey } from '../model/entities.ts';
import type { StoreOperations } from '../ports/store.ts';
import { callsOf, exposuresOf, sameExposures, withCall } from './exposures.ts';
import { agentKey } from './row.ts';

export interface Moment {
  at: Instant;
  /** When the source had been heard from before what is observed at `at`; absent where nothing is. */
  contactAt?: Instant;
  /** The agent's state, where the transaction has read it already. */
  state?: AgentState;
}

/** `row` with the call noted that the agent is in, as far as is known. */
const withCallNow = async (operations: StoreOperations, row: Blackout, { at, contactAt, state }: Moment): Promise<Blackout> => {
  // A stop that fails may be called off, and what was recorded meanwhile counts then.
  const isWanted = row.state === 'ACTIVE' || row.state === 'STOPPING' || (row.state === 'SCHEDULED' && row.confirmation !== 'PENDING');
  if (!isWanted) return row;
  const { agent, calls } = state ?? (await storedState(operations.unlocked, agentKey(row)));
  const call = agent?.activeCall ?? null;
  const leg = call === null ? undefined : calls.get(call)?.legs.findLast((one) => one.agent === row.agent && one.endedAt === null);
  const from = leg?.startedAt ?? (row.inCalls === undefined ? row.startsAt : (contactAt ?? at));
  return { ...row, inCalls: withCall(row, call, { from, at }) ?? row.inCalls ?? [] };
};

/** A row with its exposures, and the recordings that they were computed from. */
export interface Exposed {
  row: Blackout;
  recordings: readonly Recording[];
}

/** `row` with its exposures computed anew from the recordings' own times. */
export const withExposures = async (operations: StoreOperations, row: Blackout, moment: Moment): Promise<Exposed> => {
  const keyOf = (externalId: string): SourceKey => ({ source: row.source, externalId });
  const ofCalls = async (calls: readonly string[]): Promise<readonly Recording[]> =>
    calls.length === 0 ? [] : (await operations.recordings.ofCalls(calls.map(keyOf))).flat();
  const { ran = [] } = row;
  const noted = await withCallNow(operations, row, moment);
  // The agent's own recordings are nearly always of these calls, so that they need not be known first.
  const known = callsOf(noted, []);
  const [named, inKnown] = await Promise.all([
    ran.length === 0 ? [] : operations.unlocked.recordings.byKeys(ran.map(keyOf)),
    ofCalls(known),
  ]);
  const own = named.flatMap((one) => one ?? []);
  const inCalls = [...inKnown, ...(await ofCalls(callsOf(noted, own).filter((call) => !known.includes(call))))];
  const recordings = [...own, ...inCalls.filter(({ agent }) => agent !== noted.agent)];
  const exposures = exposuresOf(noted, recordings);
  return { row: sameExposures(exposures, noted.exposures) ? noted : { ...noted, exposures }, recordings };
};
