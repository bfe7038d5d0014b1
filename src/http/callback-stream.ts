/** A subscription whose events are posted to a router, until either side ends it. */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Caller } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Execution } from '../graphql/execution.ts';
import type { AnswerStream } from '../graphql/subscribe.ts';
import { type CallbackRouter, isAccepted, isRefused, postTo } from './callback-request.ts';
import type { Callers } from './callers.ts';

export interface CallbackStreamContext {
  execution: Execution;
  callers: Callers;
  clock: Clock;
}

export interface CallbackStream {
  readonly router: CallbackRouter;
  readonly answers: AnswerStream;
  readonly caller: Caller;
  isEnded: boolean;
  /** True once the router has dropped it: it is then not told of the end. */
  isGone: boolean;
  errors: readonly GraphQLFormattedError[] | null;
  /** Cancels the next heartbeat. */
  stopBeat: () => void;
}

/** Tries of a message that the router does not take for a reason of its own. */
const tries = 3;
const minHeartbeatMs = 1000;

/** Ends the stream; the error is sent with the end. */
const end = async ({ execution }: CallbackStreamContext, stream: CallbackStream, because?: GraphQLError): Promise<void> => {
  if (stream.isEnded) return;
  stream.isEnded = true;
  stream.errors = because === undefined ? null : execution.refused([because], stream.caller).errors;
  await stream.answers.return?.();
};

const refuse = (context: CallbackStreamContext, stream: CallbackStream, message: string, code: string): Promise<void> =>
  end(context, stream, new GraphQLError(message, { extensions: { code } }));

export const restartCallbackStream = (context: CallbackStreamContext, stream: CallbackStream): Promise<void> =>
  refuse(context, stream, 'The server restarts; subscribe again and resume with after.', 'SERVER_RESTARTING');

const drop = (context: CallbackStreamContext, stream: CallbackStream): Promise<void> => {
  stream.isGone = true;
  return end(context, stream);
};

const beat = (context: CallbackStreamContext, stream: CallbackStream): void => {
  const { heartbeatMs } = stream.router;
  if (heartbeatMs === 0 || stream.isEnded) return;
  stream.stopBeat = context.clock.after(Math.max(heartbeatMs, minHeartbeatMs), async () => {
    if (isRefused(await postTo(stream.router, 'check'))) await drop(context, stream);
    else beat(context, stream);
  });
};

/** Returns false where the router does not take the event. */
const deliver = async ({ clock }: CallbackStreamContext, stream: CallbackStream, json: string): Promise<boolean> => {
  for (let attempt = 1; attempt <= tries && !stream.isEnded; attempt += 1) {
    const status = await postTo(stream.router, 'next', { payload: json });
    if (isAccepted(status)) return true;
    if (isRefused(status)) break;
    await new Promise<void>((resolve) => void clock.after(100 * 4 ** attempt, resolve));
  }
  return false;
};

const deliverAll = async (context: CallbackStreamContext, stream: CallbackStream): Promise<void> => {
  const { callers } = context;
  for await (const json of stream.answers) {
    if (!callers.stillValid(stream.caller.principal))
      await refuse(context, stream, 'The permissions of this credential have changed.', 'FORBIDDEN');
    else if (!stream.isEnded && !(await deliver(context, stream, json))) await drop(context, stream);
    if (stream.isEnded) return;
  }
};

/** Posts every event; never rejects. */
export const postEvents = async (context: CallbackStreamContext, stream: CallbackStream): Promise<void> => {
  const { execution, callers } = context;
  const { caller } = stream;
  beat(context, stream);
  const stopExpiry = callers.onExpiry(caller.principal, () => void refuse(context, stream, 'The token has expired.', 'UNAUTHENTICATED'));
  try {
    await deliverAll(context, stream);
  } catch (error) {
    stream.errors = execution.refused([new GraphQLError('The stream failed.', { originalError: error as Error })], caller).errors;
  } finally {
    stream.isEnded = true;
    stream.stopBeat();
    stopExpiry();
  }
};

/** Posts the end, with its errors, unless the router has dropped the subscription. */
export const postEnd = async ({ router, isGone, errors }: CallbackStream): Promise<void> => {
  if (!isGone) await postTo(router, 'complete', errors === null ? {} : { errors: JSON.stringify(errors) });
};
