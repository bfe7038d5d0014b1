import type { Agent, Call, Recording, SourceKey } from '../model/entities.ts';
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

/** The agent's state as committed, or as far as the transaction that `operations` belongs to has come. */
export const storedState = async (operations: StoreOperations, key: SourceKey): Promise<AgentState> => {
  const [[agent = null], [live = []]] = await Promise.all([operations.agents.byKeys([key]), operations.recordings.liveOf([key])]);
  const keys = callIdsOf(agent, live).map((externalId) => ({ source: key.source, externalId }));
  return { agent, live, calls: byId(keys.length === 0 ? [] : await operations.calls.byKeys(keys)) };
};

/** The agent's state as live state has it. */
export const liveAgentState = (liveState: Pick<LiveState, 'agent' | 'call' | 'liveRecordings'>, key: SourceKey): AgentState => {
  const agent = liveState.agent(key);
  const live = liveState.liveRecordings(key);
  return { agent, live, calls: byId(callIdsOf(agent, live).map((externalId) => liveState.call({ source: key.source, externalId }))) };
};

/** What of the state belongs to the device with this phone: recordings of calls in which the agent has no leg there are left out. */
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
