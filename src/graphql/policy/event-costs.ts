import type { Principal } from '../../domain/model/principal.ts';
import { createQuotas } from '../../lib/quotas.ts';
import { policyError } from './policy-error.ts';

/** Counts what the open subscriptions of each caller cost an event, and takes `cost` more where that stays within `max`. */
export const createEventCosts = (max: number) => {
  const quotas = createQuotas();
  return ({ name }: Principal, cost: number): (() => void) => {
    const release = quotas.take(name, { amount: cost, max });
    if (release !== null) return release;
    const message = `This subscription costs ${cost} for each event and your open subscriptions cost ${quotas.held(name)}; the limit is ${max}. Complete some of them, or select fewer fields.`;
    throw policyError('SUBSCRIPTION_LIMIT', message, { limit: max, estimate: cost });
  };
};
