import type { AgentSnapshot } from '../../domain/model/observation.ts';

/** The snapshot of an agent who is listed in a way that cannot be read: nothing that is known of the agent has ended. */
export const unreadableSnapshot = (agent: string): AgentSnapshot => ({ agent, observations: [{ type: 'unreadable', agent }] });
