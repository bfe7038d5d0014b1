import type { Agent, SourceKey } from '../model/entities.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { AgentState } from './confirmation.ts';
import type { ControlDependencies } from './dependencies.ts';

/** The agent's state as committed, or as far as the transaction that `operations` belongs to has come. */
export const storedState = async (operations: StoreOperations, key: SourceKey): Promise<AgentState> => {
  const [[agent = null], [live = []]] = await Promise.all([operations.agents.byKeys([key]), operations.recordings.liveOf([key])]);
  const calls = agent?.activeCall ? await operations.calls.byKeys([{ source: key.source, externalId: agent.activeCall }]) : [];
  return { agent, live, call: calls[0] ?? null };
};

/** The agent's state as live state has it. */
export const trackedState = (liveState: ControlDependencies['liveState'], key: SourceKey): AgentState => {
  const agent = liveState.agent(key);
  const call = agent?.activeCall ? liveState.call({ source: key.source, externalId: agent.activeCall }) : null;
  return { agent, live: liveState.liveRecordings(key), call };
};

/** Enough of an agent to send a command to, where nothing was seen of it yet. */
export const bareAgent = ({ source, externalId }: SourceKey): Agent => ({
  source,
  externalId,
  name: null,
  email: null,
  phone: null,
  sipUri: null,
  username: null,
  systemUsername: null,
  crmUsername: null,
  syncId: null,
  deviceId: null,
  deviceAlias: null,
  businessUnit: null,
  status: 'UNKNOWN',
  vendorStatus: null,
  statusSince: null,
  observedAt: null,
  activeCall: null,
  inactiveCalls: [],
  desktopRecordings: [],
});
