import type { VendorContext } from '../kit/index.ts';

/** Empty answers are reported no more often than this: one shows as well as fifty that the gateway is there. */
const everyMs = 1_000;

export interface Contacts {
  /** Takes in that the gateway answered in the agent's session. */
  note(agent: string): Promise<void>;
  /** From now on the agent counts as not heard from. */
  expect(agent: string): void;
  /** Nothing has to be heard from an agent who is not signed in. */
  forget(agent: string): void;
}

/** When each agent was last heard from: the source as a whole is as fresh as the agent who was heard from longest ago. */
export const createContacts = (agents: readonly string[], { clock, observe }: Pick<VendorContext, 'clock' | 'observe'>): Contacts => {
  const heardMs = new Map(agents.map((id) => [id, 0]));
  let reportedMs = Number.NEGATIVE_INFINITY;
  return {
    note: async (agent) => {
      const now = clock.now();
      heardMs.set(agent, now);
      if (Math.abs(now - reportedMs) < everyMs) return;
      const sinceMs = reportedMs;
      reportedMs = now;
      const recent = [...heardMs].flatMap(([id, atMs]) => (atMs > sinceMs || atMs === now ? [id] : []));
      await observe({ observations: [], asOfMs: now, heard: recent });
      const oldestMs = Math.min(...heardMs.values());
      if (oldestMs > 0) await observe({ observations: [], asOfMs: oldestMs, heard: true });
    },
    expect: (agent) => {
      if (!heardMs.has(agent)) heardMs.set(agent, 0);
    },
    forget: (agent) => {
      heardMs.delete(agent);
    },
  };
};
