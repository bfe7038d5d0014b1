import type { VendorContext } from '../kit/index.ts';

/** Empty answers are reported no more often than this: one shows as well as fifty that the gateway is there. */
const everyMs = 1_000;

export interface Contacts {
  /** Takes in that the gateway answered in the agent's session. */
  note(agent: string): Promise<void>;
  /** Counts the agent as one without contact from now on. */
  expect(agent: string): void;
  /** Expects no contact with an agent who is not signed in. */
  forget(agent: string): void;
}

/** Holds the time of the last contact with each agent: the source is as fresh as the oldest of them. */
export const createContacts = (agents: readonly string[], { clock, observe }: Pick<VendorContext, 'clock' | 'observe'>): Contacts => {
  const contactMs = new Map(agents.map((id) => [id, 0]));
  let reportedMs = Number.NEGATIVE_INFINITY;
  return {
    note: async (agent) => {
      const now = clock.now();
      contactMs.set(agent, now);
      if (Math.abs(now - reportedMs) < everyMs) return;
      const sinceMs = reportedMs;
      reportedMs = now;
      const recent = [...contactMs].flatMap(([id, atMs]) => (atMs > sinceMs || atMs === now ? [id] : []));
      await observe({ observations: [], asOfMs: now, contact: recent });
      const oldestMs = Math.min(...contactMs.values());
      if (oldestMs > 0) await observe({ observations: [], asOfMs: oldestMs, contact: true });
    },
    expect: (agent) => {
      if (!contactMs.has(agent)) contactMs.set(agent, 0);
    },
    forget: (agent) => {
      contactMs.delete(agent);
    },
  };
};
