import { ExpectedError } from '../kit/index.ts';
import type { RecordingFeed } from './recordings.ts';
import type { MiralixSource } from './source.ts';
import type { TakeTurns } from './turns.ts';

/** The context of polls. */
export interface Poll extends MiralixSource {
  feed: RecordingFeed;
  /** The agent who is next, where not all are read in one poll. */
  turns: Readonly<Record<'calls' | 'free' | 'lists' | 'direct' | 'queues', TakeTurns>>;
  /** When the vendor last answered for the call of an agent, or was first asked for it, in epoch ms. */
  callReadMs: Map<string, number>;
  signal: AbortSignal;
}

/** Shows in the health that some of what was read failed; throws where nothing worked, or where it is a fault of ours, and where it was ended. */
export const noteFailures = (
  { client, signal }: Pick<Poll, 'client' | 'signal'>,
  { what, failures, worked }: { what: string; failures: readonly unknown[]; worked: number },
): void => {
  signal.throwIfAborted();
  const [first] = failures;
  const fault = failures.find((error) => !(error instanceof ExpectedError)) ?? (worked === 0 ? first : undefined);
  const message = `${first instanceof ExpectedError ? `${first.message} ` : ''}${failures.length} of ${failures.length + worked} ${what} could not be read.`;
  client.noteProblem(failures.length === 0 ? null : message, what);
  if (fault !== undefined) throw fault;
};
