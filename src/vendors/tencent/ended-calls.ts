import type { Observation } from '../../domain/observation.ts';

const mostKept = 5000;

/** Calls whose record has come lately: the vendor's list of live calls may still hold them for a moment. */
export interface EndedCalls {
  note(observations: readonly Observation[]): void;
  has(externalId: string): boolean;
}

export const createEndedCalls = (): EndedCalls => {
  const kept = new Set<string>();
  return {
    note: (observations) => {
      for (const observation of observations) {
        if (observation.type === 'call' && observation.call.state === 'ENDED') kept.add(observation.call.externalId);
      }
      for (const oldest of kept) {
        if (kept.size <= mostKept) break;
        kept.delete(oldest);
      }
    },
    has: (externalId) => kept.has(externalId),
  };
};
