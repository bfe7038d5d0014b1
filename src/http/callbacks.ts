import type { ServerResponse } from 'node:http';
import type { Caller } from '../domain/model/principal.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import { createCallbackConnections } from './callback-hosts.ts';
import { type CallbackConnections, isAccepted, isCallbackRequest, postTo, protocolHeader, readCallbackRouter } from './callback-request.ts';
import { type CallbackStream, type CallbackStreamContext, postEnd, postEvents, restartCallbackStream } from './callback-stream.ts';
import { readGraphQLRequest } from './graphql-request.ts';
import { HttpError } from './http-error.ts';
import { replyJson } from './reply.ts';

/** Apollo's HTTP callback protocol: a router names where the events of its subscription are posted. */
export interface CallbackHandler {
  /** Returns true if the body requests a subscription by callback. */
  concerns(body: unknown): boolean;
  handle(response: ServerResponse, body: unknown, caller: Caller): Promise<void>;
  readonly open: number;
  /** Tells every router that its subscription ends here. */
  close(): Promise<void>;
  /** Stops telling. */
  abandon(): void;
}

interface CallbackContext extends CallbackStreamContext {
  admit: Policy['admit'];
  connections: CallbackConnections;
  /** Resolve at the end of each. */
  running: Map<CallbackStream, Promise<void>>;
}

/** Runs beside the answer to the request; `leave` gives back the caller's place. */
const run = async ({ running, ...context }: CallbackContext, stream: CallbackStream, leave: () => void): Promise<void> => {
  await postEvents(context, stream);
  leave();
  await postEnd(stream);
  running.delete(stream);
};

/** Answers once the router has accepted the check, and then begins to post events. */
const answer = async (context: CallbackContext, response: ServerResponse, { body, caller }: { body: unknown; caller: Caller }) => {
  const { admit, execution, callers, running } = context;
  const router = readCallbackRouter(body, context.connections);
  const admission = admit(readGraphQLRequest(body));
  if (!admission.admitted) return replyJson(response, 400, execution.refused(admission.errors, caller), protocolHeader);
  if (admission.operation.node.operation !== 'subscription') {
    throw new HttpError(400, 'BAD_REQUEST', 'Only subscriptions can use callbacks.');
  }
  const leave = callers.requirePlace(caller.principal);
  try {
    if (!isAccepted(await postTo(router, 'check')))
      throw new HttpError(400, 'CALLBACK_REFUSED', 'The callback URL did not accept the check request.');
    const answers = await execution.subscribe(admission, caller);
    if (!('next' in answers)) {
      leave();
      return replyJson(response, 200, { data: null, ...answers }, protocolHeader);
    }
    replyJson(response, 200, { data: null }, protocolHeader);
    const stream: CallbackStream = { router, answers, caller, isEnded: false, isGone: false, errors: null, stopBeat: () => undefined };
    running.set(stream, run(context, stream, leave));
  } catch (error) {
    leave();
    throw error;
  }
};

export const createCallbackHandler = (
  options: Omit<CallbackContext, 'connections' | 'running'> & { hosts: readonly string[] },
): CallbackHandler => {
  const { hosts } = options;
  const connections = { hosts, literal: createCallbackConnections(true), resolved: createCallbackConnections(false) };
  const running: CallbackContext['running'] = new Map();
  const context = { ...options, connections, running };
  const abandon = () => {
    for (const agent of [connections.literal, connections.resolved]) agent.destroy().catch(() => undefined);
  };
  return {
    concerns: isCallbackRequest,
    handle: (response, body, caller) => answer(context, response, { body, caller }),
    get open() {
      return running.size;
    },
    close: async () => {
      const ending = [...running.values()];
      await Promise.all([...running.keys()].map((stream) => restartCallbackStream(context, stream)));
      await Promise.all(ending);
      abandon();
    },
    abandon,
  };
};
