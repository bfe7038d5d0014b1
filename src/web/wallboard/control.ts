import type { Client, CombinedError } from 'urql';
import { createStore, type ExternalStore, type WritableStore } from '../external-store.ts';
import {
  type BlackoutReason,
  CommandOutcomeDocument,
  type CommandStatus,
  type ProblemCode,
  StartBlackoutDocument,
  StartRecordingDocument,
  StopBlackoutDocument,
  StopRecordingDocument,
} from '../generated/graphql.ts';

export type Action = 'startRecording' | 'stopRecording' | 'startBlackout' | 'stopBlackout';

export interface ActionTarget {
  id: string;
  name: string;
}

export interface BlackoutWishes {
  reason: BlackoutReason;
  /** ISO 8601; null leaves the limit to the source. */
  maxDuration: string | null;
}

/** One request of this page and how it stands. `unknown` means that the answer was lost: the same key makes a retry safe. */
export interface Attempt {
  key: string;
  action: Action;
  target: ActionTarget;
  wishes: BlackoutWishes | null;
  stage: 'sent' | 'accepted' | 'confirmed' | 'failed' | 'unknown';
  /** Why it failed, or what is not known. */
  detail: string | null;
  code: ProblemCode | null;
  /** True while the page still looks for the confirmation, which some recorders never give. */
  watching: boolean;
}

export interface Control {
  attempts: ExternalStore<readonly Attempt[]>;
  send(action: Action, target: ActionTarget, wishes?: BlackoutWishes): void;
  /** Sends the same request under the same key: what had happened already is not done twice. */
  repeat(attempt: Attempt): void;
  dismiss(key: string): void;
}

/** The action that takes another one back, where there is one that does. */
export const undoOf: Readonly<Partial<Record<Action, Action>>> = { startRecording: 'stopRecording', startBlackout: 'stopBlackout' };

const watchEveryMs = 1_000;
const watchForMs = 30_000;
const maxAttempts = 20;

interface Outcome {
  status: CommandStatus;
  problem: { code: ProblemCode; message: string } | null;
}
type Answer = { __typename: 'Problem'; code: ProblemCode; message: string } | { __typename: string; command: Outcome & { id: string } };

const stages: Readonly<Record<CommandStatus, Attempt['stage']>> = {
  PENDING: 'sent',
  ACCEPTED: 'accepted',
  CONFIRMED: 'confirmed',
  FAILED: 'failed',
};

const errorText = (error: CombinedError | undefined): string =>
  error?.graphQLErrors.map((one) => one.message).join(' ') || 'The server did not answer.';

/** The reason why no answer says if anything was done; null where the server refused the request. */
const unknownBecause = (error: CombinedError | undefined): string | null => {
  if (error?.networkError) return 'The answer was lost.';
  const isFault = error?.graphQLErrors.some(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR');
  return isFault ? 'The server failed.' : null;
};

interface Answered {
  answer: Answer | undefined;
  error: CombinedError | undefined;
}

const request = async (client: Client, { key, action, target, wishes }: Attempt): Promise<Answered> => {
  const input = { agent: { id: target.id }, idempotencyKey: key };
  switch (action) {
    case 'startRecording': {
      const { data, error } = await client.mutation(StartRecordingDocument, { input }).toPromise();
      return { answer: data?.startRecording, error };
    }
    case 'stopRecording': {
      const { data, error } = await client.mutation(StopRecordingDocument, { input }).toPromise();
      return { answer: data?.stopRecording, error };
    }
    case 'startBlackout': {
      const { reason, maxDuration } = wishes ?? { reason: 'OTHER', maxDuration: null };
      const blackout = { ...input, reason, ...(maxDuration ? { maxDuration } : {}) };
      const { data, error } = await client.mutation(StartBlackoutDocument, { input: blackout }).toPromise();
      return { answer: data?.startBlackout, error };
    }
    case 'stopBlackout': {
      const { data, error } = await client.mutation(StopBlackoutDocument, { input }).toPromise();
      return { answer: data?.stopBlackout, error };
    }
  }
};

interface Attempts {
  client: Client;
  attempts: WritableStore<readonly Attempt[]>;
}

const update = ({ attempts }: Attempts, key: string, change: Partial<Attempt>): void =>
  attempts.set(attempts.get().map((attempt) => (attempt.key === key ? { ...attempt, ...change } : attempt)));

const isFinal = (status: CommandStatus): boolean => status === 'CONFIRMED' || status === 'FAILED';

const changeTo = ({ status, problem }: Outcome, watching: boolean): Partial<Attempt> => ({
  stage: stages[status],
  detail: problem?.message ?? null,
  code: problem?.code ?? null,
  watching,
});

/** Queries a command once a second, until its outcome is final, it is dismissed or the time is up. */
const watch = async (context: Attempts, key: string, command: string): Promise<void> => {
  const untilMs = Date.now() + watchForMs;
  for (let watching = true; watching; ) {
    await new Promise((resolve) => setTimeout(resolve, watchEveryMs));
    if (!context.attempts.get().some((attempt) => attempt.key === key)) return;
    const { data } = await context.client.query(CommandOutcomeDocument, { id: command }).toPromise();
    const outcome = data?.node && 'status' in data.node ? data.node : null;
    watching = !(outcome && isFinal(outcome.status)) && Date.now() < untilMs;
    update(context, key, outcome ? changeTo(outcome, watching) : { watching });
  }
};

const deliver = async (context: Attempts, attempt: Attempt): Promise<void> => {
  const { key } = attempt;
  const { answer, error } = await request(context.client, attempt);
  if (answer === undefined) {
    const why = unknownBecause(error);
    const detail = why === null ? errorText(error) : `${why} It is not known whether the request was carried out.`;
    return update(context, key, { stage: why === null ? 'failed' : 'unknown', detail, watching: false });
  }
  if (!('command' in answer)) {
    return update(context, key, { stage: 'failed', detail: answer.message, code: answer.code, watching: false });
  }
  const watching = !isFinal(answer.command.status);
  update(context, key, changeTo(answer.command, watching));
  if (watching) await watch(context, key, answer.command.id);
};

const unsent = { stage: 'sent', detail: null, code: null, watching: true } as const;

/** Sends control requests and watches each until it is confirmed, has failed, or has had half a minute. */
export const createControl = (client: Client): Control => {
  const attempts = createStore<readonly Attempt[]>([]);
  const context: Attempts = { client, attempts };
  return {
    attempts,
    send: (action, target, wishes) => {
      const attempt: Attempt = { ...unsent, key: crypto.randomUUID(), action, target, wishes: wishes ?? null };
      attempts.set([...attempts.get(), attempt].slice(-maxAttempts));
      void deliver(context, attempt);
    },
    repeat: (attempt) => {
      update(context, attempt.key, unsent);
      void deliver(context, attempt);
    },
    dismiss: (key) => attempts.set(attempts.get().filter((attempt) => attempt.key !== key)),
  };
};
