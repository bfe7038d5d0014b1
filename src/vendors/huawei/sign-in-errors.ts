/** Keeps the errors that stopped sign-ins, and shows them in the source's health. */
import type { HuaweiSource } from './source.ts';

/** The health names so many, and no more. */
const maxNamed = 3;

const report = ({ gateway, signInErrors }: HuaweiSource): void => {
  const messages = [...signInErrors.values()].slice(0, maxNamed).map(({ message }) => message);
  gateway.noteProblem(messages.length === 0 ? null : messages.join(' '));
};

/** `final`: no repetition mends it. */
export const noteSignInError = (source: HuaweiSource, agent: string, error: { message: string; final: boolean }): void => {
  source.signInErrors.set(agent, error);
  report(source);
};

export const forgetSignInError = (source: HuaweiSource, agent: string): void => {
  if (source.signInErrors.delete(agent)) report(source);
};
