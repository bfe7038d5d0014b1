import { type Observation, type Observer, reported } from '../kit/index.ts';
import { createContacts } from './contacts.ts';
import type { HuaweiSource } from './source.ts';
import { watchAgent } from './watch-agent.ts';

/** The configuration is no report of the gateway's: a row that it does not change keeps its time. */
const reportConfigured = async ({ settings, context }: HuaweiSource): Promise<void> => {
  const configured = settings.agents.flatMap(({ id, phone, name }): Observation[] => {
    const known = context.known.agent(id);
    const isKnown = known !== null && known.phone !== null && (name === undefined || known.name === name);
    return isKnown ? [] : [{ type: 'agent', agent: { externalId: id, phone, ...reported({ name }) } }];
  });
  await context
    .observe({ observations: configured, asOfMs: context.clock.now() })
    .catch((error: unknown) => context.log.error('agents could not be reported', { source: settings.name, error }));
};

/** Watches each configured agent by itself. */
export const createObserver = (source: HuaweiSource): Observer => {
  const agents = source.settings.agents.map(({ id }) => id);
  const contacts = createContacts(agents, source.context);
  return {
    run: async (signal) => {
      await reportConfigured(source);
      await Promise.all(agents.map((agent) => watchAgent({ source, contacts, agent, signal })));
    },
  };
};
