/** Questions that are asked at the same time by the same caller and say the same, answered by one execution. */
import type { Principal } from '../domain/principal.ts';
import { sameJson } from '../domain/same-json.ts';
import type { Operation } from './policy/admission.ts';

export interface Question {
  operation: Operation;
  variables: Readonly<Record<string, unknown>>;
  principal: Principal;
}

export interface Answer<T> {
  value: T;
  /**
   * Whether it names the request that was executed, and so is no other's answer. What writes must name its request, as a read of the
   * ledger does in the audit log: else of two who ask the same, one would go unwritten.
   */
  personal: boolean;
}

/**
 * What is asked in one turn of the loop is executed at its end, once for all who ask the same: the execution begins after the last of
 * them has asked, so nobody is shown less than what was so then.
 */
export const answerTogether = <T>(): ((question: Question, execute: () => Promise<Answer<T>>) => Promise<T>) => {
  let asked: Map<Operation, { question: Question; answer: Promise<Answer<T>> }[]> | null = null;
  let turnEnds: Promise<void>;
  const begin = () => {
    turnEnds = new Promise((resolve) =>
      setImmediate(() => {
        asked = null;
        resolve();
      }),
    );
    return new Map<Operation, { question: Question; answer: Promise<Answer<T>> }[]>();
  };

  return async (question, execute) => {
    asked ??= begin();
    const { operation, variables, principal } = question;
    const alike = asked.get(operation) ?? [];
    asked.set(operation, alike);
    const found = alike.find((other) => other.question.principal === principal && sameJson(other.question.variables, variables));
    if (found) {
      const { value, personal } = await found.answer;
      return personal ? (await execute()).value : value;
    }
    const answer = turnEnds.then(execute);
    alike.push({ question, answer });
    return (await answer).value;
  };
};
