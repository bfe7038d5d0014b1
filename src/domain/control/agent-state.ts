import type { Agent, Call, Recording, SourceKey } from '../model/entities.ts';
import { mapKey } from '../model/ids.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { StoreOperations } from '../ports/store.ts';

/** An agent with its live recordings, the calls it is in and those that are recorded. */
export interface AgentState {
  agent: Agent | null;
  live: readonly Recording[];
  /** By external id. */
  calls: ReadonlyMap<string, Call>;
}

const callIdsOf = (agent: Agent | null, live: readonly Recording[]): readonly string[] => [
  ...new Set([agent?.activeCall, ...(agent?.inactiveCalls ?? []), ...live.map(({ call }) => call)].filter((id) => id != null)),
];

const byId = (calls: readonly (Call | null)[]): ReadonlyMap<string, Call> =>
  new Map(calls.flatMap((call) => (call === null ? [] : [[call.externalId, call] as const])));

/** The agents' states in the order of the keys, as committed, or as far as the transaction that `operations` belongs to has come. */
export const storedStates = async (operations: StoreOperations, keys: readonly SourceKey[]): Promise<readonly AgentState[]> => {
  const [agents, lives] = await Promise.all([operations.agents.byKeys(keys), operations.recordings.liveOf(keys)]);
  const known = keys.map((key, index) => {
    const [agent, live] = [agents[index] ?? null, lives[index] ?? []];
    return { agent, live, callKeys: callIdsOf(agent, live).map((externalId) => ({ source: key.source, externalId })) };
  });
  const wanted = [...new Map(known.flatMap(({ callKeys }) => callKeys).map((key) => [mapKey(key), key])).values()];
  const rows = wanted.length === 0 ? [] : await operations.calls.byKeys(wanted);
  const found = new Map(wanted.map((key, index) => [mapKey(key), rows[index] ?? null]));
  return known.map(({ agent, live, callKeys }) => ({ agent, live, calls: byId(callKeys.map((key) => found.get(mapKey(key)) ?? null)) }));
};

/** As `storedStates`, of one agent. */
export const storedState = async (operations: StoreOperations, key: SourceKey): Promise<AgentState> =>
  (await storedStates(operations, [key]))[0]!;

/** The agent's state as live state has it. */
export const liveAgentState = (liveState: Pick<LiveState, 'agent' | 'call' | 'liveRecordings'>, key: SourceKey): AgentState => {
  const agent = liveState.agent(key);
  const live = liveState.liveRecordings(key);
  return { agent, live, calls: byId(callIdsOf(agent, live).map((externalId) => liveState.call({ source: key.source, externalId }))) };
};

/** Returns the part of the state that belongs to the device with this phone: recordings of calls in which the agent has no leg there are left out. */
export const stateAtDevice = (state: AgentState, phone: string): AgentState => {
  const isThere = (call: Call): boolean =>
    call.legs.some((leg) => leg.party === 'AGENT' && leg.agent === state.agent?.externalId && leg.endpoint === phone);
  const isElsewhere = ({ call }: Recording): boolean => {
    const known = call === null ? undefined : state.calls.get(call);
    return known !== undefined && !isThere(known);
  };
  return {
    agent: state.agent,
    live: state.live.filter((recording) => !isElsewhere(recording)),
    calls: new Map([...state.calls].filter(([, call]) => isThere(call))),
  };
};
