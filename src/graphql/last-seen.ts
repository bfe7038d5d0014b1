import { emptyAgent } from '../domain/model/empty-agent.ts';
import type { SourceKey } from '../domain/model/entities.ts';
import type { Agent } from './agent.ts';
import type { GraphContext } from './context.ts';

/** The agent as last seen, without asking the vendor; one that was never seen is known by its id alone. */
export const agentOrLastSeen = async (key: SourceKey, { services, show }: GraphContext): Promise<Agent> => {
  const held = services.liveState.agent(key) ?? (await services.store.agents.byKeys([key]))[0];
  return show.agent(held ?? emptyAgent(key));
};
