/** Questions that are asked at the same time by the same caller and say the same, answered once. */
import type { Principal } from '../domain/model/principal.ts';
import { sameJson } from '../lib/same-json.ts';
import type { Operation } from './policy/admission.ts';

export interface Question {
  operation: Operation;
  variables: Readonly<Record<string, unknown>>;
  principal: Principal;
  /** How the answer is to be written; absent where it is not. */
  form?: string | undefined;
}

export interface Answer<T> {
  value: T;
  /**
   * Whether it names the request that was executed, and so is no other's answer. What writes must name its request, as a read of the
   * ledger does in the audit log: else of two who ask the same, one would go unwritten.
   */
  personal: boolean;
}

/** Answers a question; what is executed for it begins when the turn has ended. */
export type AnswerOnce<T> = (turnEnds: Promise<void>) => Promise<Answer<T>>;

interface Turn<T> {
  asked: Map<Operation, { question: Question; answer: Promise<Answer<T>> }[]>;
  ends: Promise<void>;
}

/**
 * What is asked in one turn of the event loop is executed at its end, once for all who ask the same: the execution begins after the last
 * of them has asked, so nobody is shown less than what was so then.
 */
export const answerTogether = <T>(): ((question: Question, answerOnce: AnswerOnce<T>) => Promise<T>) => {
  let turn: Turn<T> | null = null;
  /** Those whose last answer was personal. Nobody waits for another's to learn that it is again. */
  const personally = new WeakSet<Operation>();

  const begin = (): Turn<T> => ({
    asked: new Map(),
    ends: new Promise((resolve) =>
      setImmediate(() => {
        turn = null;
        resolve();
      }),
    ),
  });

  return async (question, answerOnce) => {
    turn ??= begin();
    const { asked, ends } = turn;
    const { operation, variables, principal, form } = question;
    const answerOwn = async (): Promise<Answer<T>> => {
      const answer = await answerOnce(ends);
      if (answer.personal) personally.add(operation);
      else personally.delete(operation);
      return answer;
    };
    if (personally.has(operation)) return (await answerOwn()).value;

    const alike = asked.get(operation) ?? [];
    asked.set(operation, alike);
    const found = alike.find(
      ({ question: other }) => other.principal === principal && other.form === form && sameJson(other.variables, variables),
    );
    if (found) {
      const { value, personal } = await found.answer;
      return personal ? (await answerOwn()).value : value;
    }
    const answer = answerOwn();
    alike.push({ question, answer });
    return (await answer).value;
  };
};
