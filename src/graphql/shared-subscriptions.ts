import { createHash } from 'node:crypto';
import type { Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import { canonicalJson } from '../lib/canonical-json.ts';

/** Returns the signature of what a caller may see: two callers with the same one get the same answer to the same document. */
export const permissionSignature = (principal: Principal): string =>
  canonicalJson([[...principal.scopes].sort(), principal.sources === null ? null : [...principal.sources].sort()]);

/** A hash of everything that an event's answer depends on besides the event; made once a subscription. */
export const subscriptionSignature = (
  subscription: { text: string; operationName: string | null; variables: Readonly<Record<string, unknown>> },
  principal: Principal,
): string =>
  createHash('sha256')
    .update(canonicalJson([subscription.text, subscription.operationName, subscription.variables, permissionSignature(principal)]))
    .digest('base64');

export interface SharedExecutions<T> {
  /** Returns the answer that somebody has asked for already. */
  known(signature: string, eventKey: string): Promise<T> | undefined;
  /** Runs `work` for the first caller; those who ask for the same soon after get the same promise. */
  once(signature: string, eventKey: string, work: () => Promise<T>): Promise<T>;
  readonly executions: number;
}

/** Executes each event once per signature. An answer is kept for `windowMs`: long enough for every subscriber to ask. */
export const createSharedExecutions = <T>(clock: Clock, windowMs = 2000, capacity = 10_000): SharedExecutions<T> => {
  const kept = new Map<string, { untilMs: number; answer: Promise<T> }>();
  let executions = 0;
  const forgetOld = (nowMs: number) => {
    for (const [key, entry] of kept) {
      if (entry.untilMs > nowMs && kept.size < capacity) return;
      kept.delete(key);
    }
  };
  const keyOf = (signature: string, eventKey: string): string => `${eventKey}\u0000${signature}`;
  return {
    known: (signature, eventKey) => kept.get(keyOf(signature, eventKey))?.answer,
    once: (signature, eventKey, work) => {
      const nowMs = clock.monotonicMs();
      forgetOld(nowMs);
      const key = keyOf(signature, eventKey);
      const found = kept.get(key);
      if (found !== undefined) return found.answer;
      executions += 1;
      const answer = work();
      kept.set(key, { untilMs: nowMs + windowMs, answer });
      return answer;
    },
    get executions() {
      return executions;
    },
  };
};
