/** The use case behind every recording and session mutation. */

import { commit } from '../commit.ts';
import { emptyAgent } from '../model/empty-rows.ts';
import type { Agent, Blackout, ControlCommand } from '../model/entities.ts';
import type { ControlOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { ControlHandler, VendorCommand, VendorSource } from '../ports/vendor.ts';
import { leavesDoubt, underDeadline } from '../under-deadline.ts';
import { type AgentState, liveAgentState, stateAtDevice, storedState } from './agent-state.ts';
import { evidenceFor } from './confirmation.ts';
import type { ControlContext } from './context.ts';
import { fetchAgentState } from './fetch-agent-state.ts';
import { type FoundAgent, findAgent } from './find-agent.ts';
import { findEarlier, hashInput, type NewCommand, openCommand, resolveCommand } from './ledger.ts';
import { preconditionOf } from './preconditions.ts';
import { problemData, problemError } from './problems.ts';
import {
  argumentsOf,
  type CommandArguments,
  type ControlRequest,
  hashedArguments,
  operationOf,
  referenceInput,
  requireKey,
  requireReachable,
  requireReference,
  unsupported,
} from './request.ts';
import { agentKeyOf, resolveAlone, resolveDoubt } from './resolve.ts';

export interface ControlAnswer {
  command: ControlCommand;
  agent: Agent;
  replayed: boolean;
}

/** Would break an emulated blackout, since there the mask is that nothing is recorded. */
const undoesMask: ReadonlySet<ControlOperation> = new Set([
  'START_RECORDING',
  'START_DUPLICATE_RECORDING',
  'START_SCREEN_RECORDING',
] satisfies ControlOperation[]);

const blackedOut = ({ id, state }: Blackout) =>
  new ExpectedError(
    'CONFLICT',
    `The agent has blackout ${id} in state ${state}. At this source, nothing can be recorded during a blackout; stop the blackout first.`,
    { retryable: true },
  );

const pollMs = 200;

const reread = async ({ store }: ControlContext, id: string): Promise<ControlCommand> => {
  const [row] = await store.commands.byIds([id]);
  if (!row) throw new Error(`Command ${id} is missing from the ledger.`);
  return row;
};

const stateNow = ({ liveState }: ControlContext, { agent, device }: FoundAgent): AgentState => {
  const state = liveAgentState(liveState, agent);
  return device === null ? state : stateAtDevice(state, device);
};

const requireUnmasked = async ({ store, clock }: ControlContext, agent: Agent): Promise<void> => {
  const open = await store.blackouts.open([agent.source]);
  const masked = open.find((row) => row.agent === agent.externalId && (row.state !== 'SCHEDULED' || epochMs(row.startsAt) <= clock.now()));
  if (masked) throw blackedOut(masked);
};

/** Throws what the agent's state forbids; where the vendor can be read, its state is read first. */
const requirePrecondition = async (
  context: ControlContext,
  source: VendorSource,
  operation: ControlOperation,
  found: FoundAgent,
): Promise<void> => {
  const { clock, liveState } = context;
  const { agent } = found;
  if (undoesMask.has(operation) && source.blackouts?.support === 'EMULATED') await requireUnmasked(context, agent);
  const check = preconditionOf(operation);
  if (!check?.(stateNow(context, found))) return;
  const contactMs = Math.max(liveState.lastContactMs(source.name), agent.observedAt ? epochMs(agent.observedAt) : 0);
  const isFresh = clock.now() - contactMs <= source.maxStalenessMs;
  const fetched = await fetchAgentState(context, source, operation, agent.externalId);
  const problem = fetched || (isFresh && source.observer !== undefined) ? check(stateNow(context, found)) : null;
  if (problem) throw problem;
};

interface Execution {
  source: VendorSource;
  handler: ControlHandler;
  operation: ControlOperation;
  found: FoundAgent;
  given: CommandArguments;
  correlationId: string;
}

/** Sends the command and writes down what came of it. */
const send = async (context: ControlContext, command: ControlCommand, execution: Execution): Promise<ControlCommand> => {
  const { clock, liveState, settings } = context;
  const { source, handler, operation, found, given } = execution;
  const { agent, addressedBy } = found;
  await requirePrecondition(context, source, operation, found);
  const before = evidenceFor(liveAgentState(liveState, agent), command).done;
  const sent: VendorCommand = { operation, agent, addressedBy, ...given };
  const answer = await underDeadline(clock, settings.commandDeadlineMs, `${source.name}: ${operation}`, (signal) => handler(sent, signal));
  const acceptedMs = clock.now();
  const resolved = await commit(context, async (operations) => {
    const now = evidenceFor(await storedState(operations, agent), command);
    return resolveCommand(context, operations, command.id, {
      status: !before && now.done ? 'CONFIRMED' : 'ACCEPTED',
      recording: answer.recording ?? now.recording,
    });
  });
  if (answer.observations?.length) await context.observe(source.name, { observations: answer.observations, asOfMs: acceptedMs });
  const row = answer.observations?.length || resolved === null ? await reread(context, command.id) : resolved;
  if (row.status !== 'ACCEPTED' || !source.agents) return row;
  await fetchAgentState(context, source, operation, agent.externalId);
  return reread(context, command.id);
};

const execute = async (context: ControlContext, command: ControlCommand, execution: Execution): Promise<ControlCommand> => {
  const { source, correlationId } = execution;
  try {
    return await send(context, command, execution);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    if (leavesDoubt(error)) await resolveDoubt(context, source, command, error, correlationId);
    else await resolveAlone(context, command.id, { status: 'FAILED', problem: problemData(error, correlationId) });
    return reread(context, command.id);
  }
};

/** Resolves when this server has the command's answer, or after the deadline even so. */
const answered = ({ clock, settings, inFlight }: ControlContext, id: string): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(settings.commandDeadlineMs, resolve);
    void Promise.resolve(inFlight.get(id)).then(() => {
      cancel();
      resolve();
    });
  });

/** Waits for an answer that this server, or another one, is still getting. */
const awaitAnswer = async (context: ControlContext, { id }: ControlCommand): Promise<ControlCommand> => {
  const { clock, settings } = context;
  const waitUntilMs = clock.now() + settings.commandDeadlineMs;
  await answered(context, id);
  for (;;) {
    const now = await reread(context, id);
    if (now.status !== 'PENDING' || now.problem !== null || clock.now() >= waitUntilMs) return now;
    await new Promise<void>((resolve) => clock.after(pollMs, resolve));
  }
};

const answerOf = ({ liveState }: ControlContext, command: ControlCommand, replayed: boolean): ControlAnswer => {
  if (command.problem) throw problemError(command.problem);
  const key = agentKeyOf(command);
  return { command, agent: liveState.agent(key) ?? emptyAgent(key), replayed };
};

/** Throws ExpectedError for everything that a client gets as Problem; what the vendor refused is in the ledger as FAILED. */
export const runCommand = async (
  context: ControlContext,
  request: ControlRequest,
  principal: Principal,
  correlationId: string,
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

  const found = await findAgent(context, request.agent, operation);
  const command: NewCommand = {
    operation,
    source: source.name,
    agent: found.agent.externalId,
    requestedBy: principal.name,
    idempotencyKey,
    inputHash,
    input: found.device === null ? { ...given } : { ...given, device: found.device },
  };
  // More than one where the transaction was repeated; and one whose commit nobody acknowledged may be in the ledger all the same.
  const ids: string[] = [];
  const { promise: done, resolve: markDone } = Promise.withResolvers<void>();
  try {
    const opened = await commit(context, async (operations) => {
      const result = await openCommand(context, operations, command);
      if (result.inserted) {
        ids.push(result.row.id);
        inFlight.set(result.row.id, done);
      }
      return result;
    });
    if (!opened.inserted) return answerOf(context, await awaitAnswer(context, opened.row), true);
    const row = await execute(context, opened.row, { source, handler, operation, found, given, correlationId });
    return answerOf(context, row, false);
  } finally {
    for (const id of ids) inFlight.delete(id);
    markDone();
  }
};
