/** Keeps the errors that stopped sign-ins, and shows them in the source's health. */
import type { Gateway } from './client.ts';

interface SignInError {
  message: string;
  /** True where no repetition mends it. */
  final: boolean;
}

export interface SignInErrors {
  of(agent: string): SignInError | null;
  note(agent: string, error: SignInError): void;
  forget(agent: string): void;
}

/** The health names so many, and no more. */
const maxNamed = 3;

export const createSignInErrors = (gateway: Pick<Gateway, 'noteProblem'>): SignInErrors => {
  const errors = new Map<string, SignInError>();
  const report = () => {
    const messages = [...errors.values()].slice(0, maxNamed).map(({ message }) => message);
    gateway.noteProblem(messages.length === 0 ? null : messages.join(' '));
  };
  return {
    of: (agent) => errors.get(agent) ?? null,
    note: (agent, error) => {
      errors.set(agent, error);
      report();
    },
    forget: (agent) => {
      if (errors.delete(agent)) report();
    },
  };
};
