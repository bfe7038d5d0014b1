import type { Principal } from '../../domain/model/principal.ts';
import { policyError } from './policy-error.ts';

/** Counts what the open subscriptions of each caller cost an event, and takes `cost` more where that stays within `max`. */
export const createEventCosts = (max: number) => {
  const held = new Map<string, number>();
  return ({ name }: Principal, cost: number): (() => void) => {
    const before = held.get(name) ?? 0;
    if (before + cost > max) {
      const message = `This subscription costs ${cost} for each event and your open subscriptions cost ${before}; the limit is ${max}. Complete some of them, or select fewer fields.`;
      throw policyError('SUBSCRIPTION_LIMIT', message, { limit: max, estimate: cost });
    }
    held.set(name, before + cost);
    return () => {
      const left = held.get(name)! - cost;
      if (left === 0) held.delete(name);
      else held.set(name, left);
    };
  };
};
