import type { Client, CombinedError } from 'urql';
import { createStore, type ExternalStore } from '../external-store.ts';
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

/** Sends control requests and watches each until it is confirmed, has failed, or has had half a minute. */
export const createControl = (client: Client): Control => {
  const attempts = createStore<readonly Attempt[]>([]);
  const update = (key: string, change: Partial<Attempt>): void =>
    attempts.set(attempts.get().map((attempt) => (attempt.key === key ? { ...attempt, ...change } : attempt)));
  const setOutcome = (key: string, { status, problem }: Outcome, watching: boolean): void =>
    update(key, { stage: stages[status], detail: problem?.message ?? null, code: problem?.code ?? null, watching });
  const isFinal = (status: CommandStatus): boolean => status === 'CONFIRMED' || status === 'FAILED';

  const watch = async (key: string, command: string, untilMs: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, watchEveryMs));
    if (!attempts.get().some((attempt) => attempt.key === key)) return;
    const { data } = await client.query(CommandOutcomeDocument, { id: command }).toPromise();
    const outcome = data?.node && 'status' in data.node ? data.node : null;
    const watching = !(outcome && isFinal(outcome.status)) && Date.now() < untilMs;
    if (outcome) setOutcome(key, outcome, watching);
    else update(key, { watching });
    if (watching) await watch(key, command, untilMs);
  };

  const request = async ({
    key,
    action,
    target,
    wishes,
  }: Attempt): Promise<{ answer: Answer | undefined; error: CombinedError | undefined }> => {
    const input = { agent: { id: target.id }, idempotencyKey: key };
    const blackout = { ...input, reason: wishes?.reason ?? 'OTHER', ...(wishes?.maxDuration ? { maxDuration: wishes.maxDuration } : {}) };
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
        const { data, error } = await client.mutation(StartBlackoutDocument, { input: blackout }).toPromise();
        return { answer: data?.startBlackout, error };
      }
      case 'stopBlackout': {
        const { data, error } = await client.mutation(StopBlackoutDocument, { input }).toPromise();
        return { answer: data?.stopBlackout, error };
      }
    }
  };

  const deliver = async (attempt: Attempt): Promise<void> => {
    const { answer, error } = await request(attempt);
    if (answer === undefined) {
      const lost = error?.networkError !== undefined;
      const detail = lost ? 'The answer was lost. It is not known whether the request was carried out.' : errorText(error);
      return update(attempt.key, { stage: lost ? 'unknown' : 'failed', detail, watching: false });
    }
    if (!('command' in answer)) {
      return update(attempt.key, { stage: 'failed', detail: answer.message, code: answer.code, watching: false });
    }
    const watching = !isFinal(answer.command.status);
    setOutcome(attempt.key, answer.command, watching);
    if (watching) await watch(attempt.key, answer.command.id, Date.now() + watchForMs);
  };

  return {
    attempts,
    send: (action, target, wishes) => {
      const attempt: Attempt = {
        key: crypto.randomUUID(),
        action,
        target,
        wishes: wishes ?? null,
        stage: 'sent',
        detail: null,
        code: null,
        watching: true,
      };
      attempts.set([...attempts.get(), attempt].slice(-maxAttempts));
      void deliver(attempt);
    },
    repeat: (attempt) => {
      update(attempt.key, { stage: 'sent', detail: null, code: null, watching: true });
      void deliver(attempt);
    },
    dismiss: (key) => attempts.set(attempts.get().filter((attempt) => attempt.key !== key)),
  };
};
