import type { Agent, Instant, SourceKey } from '../model/entities.ts';
import { compareKeys } from '../model/ids.ts';
import { SourceMap } from '../source-map.ts';

/** Every agent of the sources. */
interface LiveAgents {
  get(key: SourceKey): Agent | null;
  /** In the order of `compareKeys`. */
  of(source: string): readonly Agent[];
  put(agent: Agent): void;
  /** Notes that these agents (external ids) were shown unchanged. */
  touch(source: string, agents: readonly string[], observedAt: Instant): void;
  /** Moves later times back to `now`. */
  clampTo(now: Instant): void;
}

export const createLiveAgents = (): LiveAgents => {
  const agents = new SourceMap<Agent>();
  /** External ids of a source's agents in order, until another agent comes. */
  const sorted = new Map<string, readonly string[]>();
  return {
    get: (key) => agents.get(key) ?? null,
    of: (source) => {
      const ofSource = agents.of(source);
      const order = sorted.get(source) ?? [...ofSource.values()].sort(compareKeys).map((agent) => agent.externalId);
      sorted.set(source, order);
      return order.map((externalId) => ofSource.get(externalId)!);
    },
    put: (agent) => {
      if (!agents.has(agent)) sorted.delete(agent.source);
      agents.set(agent, agent);
    },
    touch: (source, reported, observedAt) => {
      const ofSource = agents.of(source);
      for (const externalId of reported) {
        const agent = ofSource.get(externalId);
        if (agent && (agent.observedAt ?? '') < observedAt) agents.set(agent, { ...agent, observedAt });
      }
    },
    clampTo: (now) => {
      for (const agent of agents.values()) if ((agent.observedAt ?? '') > now) agents.set(agent, { ...agent, observedAt: now });
    },
  };
};
