/** The use case behind every recording and session mutation. */
import { commit } from '../commit.ts';
import { emptyAgent } from '../model/empty-rows.ts';
import type { Agent, ControlCommand } from '../model/entities.ts';
import type { Caller } from '../model/principal.ts';
import { awaitAnswer } from './await-answer.ts';
import type { ControlContext } from './context.ts';
import { findAddressee } from './find-addressee.ts';
import { findEarlier, hashInput, type NewCommand, openCommand } from './ledger.ts';
import { problemError } from './problems.ts';
import {
  argumentsOf,
  type ControlRequest,
  hashedArguments,
  operationOf,
  referenceInput,
  requireKey,
  requireReachable,
  requireReference,
  unsupported,
} from './request.ts';
import { agentKeyOf } from './resolve.ts';
import { sendCommand } from './send-command.ts';

export interface ControlAnswer {
  command: ControlCommand;
  agent: Agent;
  replayed: boolean;
}

const answerOf = ({ liveState }: ControlContext, command: ControlCommand, replayed: boolean): ControlAnswer => {
  if (command.problem) throw problemError(command.problem);
  const key = agentKeyOf(command);
  return { command, agent: liveState.agent(key) ?? emptyAgent(key), replayed };
};

/** Throws ExpectedError for everything that a client gets as Problem; what the vendor refused is in the ledger as FAILED. */
export const runCommand = async (
  context: ControlContext,
  request: ControlRequest,
  { principal, correlationId }: Caller,
): Promise<ControlAnswer> => {
  const { store, inFlight } = context;
  const operation = operationOf(request);
  requireReference(request.agent);
  const idempotencyKey = requireKey(request.idempotencyKey);
  const source = requireReachable(context, request.agent.source, { principal, operation, correlationId });
  const handler = source.control?.[operation];
  if (!handler) throw unsupported(source, operation);
  const given = argumentsOf(request, operation, source);
  const inputHash = hashInput(context, operation, { agent: referenceInput(request.agent), ...hashedArguments(given) });
  const earlier = await findEarlier(context, store, { requestedBy: principal.name, idempotencyKey, inputHash });
  if (earlier) return answerOf(context, await awaitAnswer(context, earlier), true);

  const addressee = await findAddressee(context, request.agent, operation);
  const command: NewCommand = {
    operation,
    source: source.name,
    agent: addressee.agent.externalId,
    requestedBy: principal.name,
    idempotencyKey,
    inputHash,
    input: addressee.device === null ? { ...given } : { ...given, device: addressee.device },
  };
  // More than one where the transaction was repeated; and one whose commit nobody acknowledged may be in the ledger all the same.
  const ids: string[] = [];
  const { promise: done, resolve: markDone } = Promise.withResolvers<void>();
  try {
    const opened = await commit(context, async (transaction) => {
      const result = await openCommand(transaction, command);
      if (result.inserted) {
        ids.push(result.row.id);
        inFlight.set(result.row.id, done);
      }
      return result;
    });
    if (!opened.inserted) return answerOf(context, await awaitAnswer(context, opened.row), true);
    const row = await sendCommand(context, opened.row, { source, handler, operation, addressee, given, correlationId });
    return answerOf(context, row, false);
  } finally {
    for (const id of ids) inFlight.delete(id);
    markDone();
  }
};
