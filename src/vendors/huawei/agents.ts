import { type AgentReader, type AgentSnapshot, ExpectedError, type Observation, reported } from '../kit/index.ts';
import type { AgentStateReader } from './agent-state.ts';
import { isInterfaceForbidden, isLapsed, isSessionLost } from './errors.ts';
import { signedOut, unseen } from './mapping.ts';
import type { Sessions } from './session.ts';
import type { HuaweiAgent, HuaweiSettings } from './settings.ts';

/** Reads the configured agents: one vendor call for each who is signed in, none for the others. */
export const createAgentReader = (settings: HuaweiSettings, sessions: Sessions, agentState: AgentStateReader): AgentReader => {
  const see = async (agent: HuaweiAgent, signal: AbortSignal): Promise<AgentSnapshot> => {
    const configured: Observation = {
      type: 'agent',
      agent: { externalId: agent.id, ...reported({ name: agent.name }) },
    };
    const session = await sessions.current(agent.id);
    const phone: Observation = { type: 'agent', agent: { externalId: agent.id, phone: session?.phone ?? agent.phone } };
    if (session === null) {
      const seen = (await sessions.isUnseen(agent.id)) ? unseen(agent.id) : signedOut(agent.id, null);
      return { agent: agent.id, observations: [configured, phone, ...seen] };
    }
    const seen = await agentState.fetch(agent.id, session, { fresh: false, signal }).catch(async (error: unknown) => {
      if (!isSessionLost(error)) throw error;
      const replaced = await sessions.recover(agent.id, session, {
        onlyReads: true,
        isLapsed: isLapsed(error),
        refused: isInterfaceForbidden(error) ? 'getAgentStatus' : undefined,
      });
      return agentState.fetch(agent.id, replaced, { fresh: false, signal });
    });
    return { agent: agent.id, observations: [configured, phone, ...seen] };
  };

  /** As `see`; a failure names the agent, of whom what was last known is shown. */
  const seeByName = (agent: HuaweiAgent, signal: AbortSignal): Promise<AgentSnapshot> =>
    see(agent, signal).catch((error: unknown) => {
      if (!(error instanceof ExpectedError)) throw error;
      const { code, vendorCode, retryable, retryAfterSeconds, notSent } = error;
      const message = error.message.includes(`agent ${agent.id}`)
        ? error.message
        : `${error.message.replace(/\.$/, '')} (agent ${agent.id}); the agent is shown as last known.`;
      throw new ExpectedError(code, message, {
        vendorCode,
        retryable,
        notSent,
        retryAfterSeconds,
        cause: error,
      });
    });

  const phoneOf = async (agent: HuaweiAgent): Promise<string> => (await sessions.current(agent.id))?.phone ?? agent.phone;

  return {
    identifiers: ['ID', 'PHONE'],
    // This server signs the agents in itself, so it need not read who is signed in.
    bearers: async ({ identifier, value }) => {
      const phones = await Promise.all(settings.agents.map(phoneOf));
      return settings.agents.flatMap(({ id }, place): AgentSnapshot[] =>
        (identifier === 'ID' ? id : phones[place]) === value
          ? [{ agent: id, observations: [{ type: 'agent', agent: { externalId: id, phone: phones[place]! } }] }]
          : [],
      );
    },
    byIdentifiers: (lookups, signal) => {
      // One read an agent, however often the agent is named.
      const answers = new Map<string, Promise<AgentSnapshot>>();
      return Promise.all(
        lookups.map(({ identifier, value }) => {
          const agent = settings.agents.find(
            ({ id, phone }) => (identifier === 'ID' ? id : identifier === 'PHONE' ? phone : null) === value,
          );
          if (!agent) return null;
          const answer = answers.get(agent.id) ?? seeByName(agent, signal);
          answers.set(agent.id, answer);
          return answer;
        }),
      );
    },
    list: (signal) => Promise.all(settings.agents.map((agent) => seeByName(agent, signal))),
  };
};
