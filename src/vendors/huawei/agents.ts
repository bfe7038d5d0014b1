import { type AgentReader, type AgentSnapshot, ExpectedError, type Observation, reported } from '../kit/index.ts';
import { fetchAgentState } from './agent-state.ts';
import { isInterfaceForbidden, isLapsed, isSessionLost } from './errors.ts';
import { signedOut, unseen } from './mapping.ts';
import { mayBeElsewhere } from './sessions.ts';
import type { HuaweiAgent } from './settings.ts';
import type { HuaweiSource } from './source.ts';
import { recoverSession } from './with-session.ts';

const seeAgent = async (source: HuaweiSource, agent: HuaweiAgent, signal: AbortSignal): Promise<AgentSnapshot> => {
  const session = await source.sessions.current(agent.id);
  const configured: Observation[] = [
    { type: 'agent', agent: { externalId: agent.id, ...reported({ name: agent.name }) } },
    { type: 'agent', agent: { externalId: agent.id, phone: session?.phone ?? agent.phone } },
  ];
  if (session === null) {
    const seen = (await mayBeElsewhere(source, agent.id)) ? unseen(agent.id) : signedOut(agent.id, null);
    return { agent: agent.id, observations: [...configured, ...seen] };
  }
  const agentSession = { source, agent: agent.id, session };
  const seen = await fetchAgentState(agentSession, { fresh: false, signal }).catch(async (error: unknown) => {
    if (!isSessionLost(error)) throw error;
    const replaced = await recoverSession(agentSession, {
      onlyReads: true,
      isLapsed: isLapsed(error),
      refused: isInterfaceForbidden(error) ? 'getAgentStatus' : undefined,
    });
    return fetchAgentState({ ...agentSession, session: replaced }, { fresh: false, signal });
  });
  return { agent: agent.id, observations: [...configured, ...seen] };
};

/** As `seeAgent`; a failure names the agent, of whom what was last known is shown. */
const seeByName = (source: HuaweiSource, agent: HuaweiAgent, signal: AbortSignal): Promise<AgentSnapshot> =>
  seeAgent(source, agent, signal).catch((error: unknown) => {
    if (!(error instanceof ExpectedError)) throw error;
    const { code, vendorCode, retryable, retryAfterSeconds, notSent } = error;
    const message = error.message.includes(`agent ${agent.id}`)
      ? error.message
      : `${error.message.replace(/\.$/, '')} (agent ${agent.id}); the agent is shown as last known.`;
    throw new ExpectedError(code, message, { vendorCode, retryable, notSent, retryAfterSeconds, cause: error });
  });

/** Reads the configured agents: one vendor call for each who is signed in, none for the others. */
export const createAgentReader = (source: HuaweiSource): AgentReader => {
  const { settings, sessions } = source;
  const phoneOf = async (agent: HuaweiAgent): Promise<string> => (await sessions.current(agent.id))?.phone ?? agent.phone;

  return {
    identifiers: ['ID', 'PHONE'],
    // This server signs the agents in itself, so it need not read who is signed in.
    bearers: async ({ identifier, value }) => {
      const isId = identifier === 'ID';
      const candidates = isId ? settings.agents.filter(({ id }) => id === value) : settings.agents;
      const phones = await Promise.all(candidates.map(phoneOf));
      return candidates.flatMap(({ id }, index): AgentSnapshot[] =>
        isId || phones[index] === value
          ? [{ agent: id, observations: [{ type: 'agent', agent: { externalId: id, phone: phones[index]! } }] }]
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
          const answer = answers.get(agent.id) ?? seeByName(source, agent, signal);
          answers.set(agent.id, answer);
          return answer;
        }),
      );
    },
    list: (signal) => Promise.all(settings.agents.map((agent) => seeByName(source, agent, signal))),
  };
};
