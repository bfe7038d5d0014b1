/** Sends a command that is in the ledger to its vendor, and writes down what came of it. */
import { commit } from '../commit.ts';
import type { Agent, Blackout, ControlCommand } from '../model/entities.ts';
import type { ControlOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { ControlHandler, VendorCommand, VendorSource } from '../ports/vendor.ts';
import { leavesDoubt, underDeadline } from '../under-deadline.ts';
import { type AgentState, liveAgentState, stateAtDevice, storedState } from './agent-state.ts';
import { reread } from './await-answer.ts';
import { evidenceFor } from './confirmation.ts';
import type { ControlContext } from './context.ts';
import type { Addressee } from './find-addressee.ts';
import { resolveCommand } from './ledger.ts';
import { observeOutcome } from './observe-outcome.ts';
import { preconditionOf } from './preconditions.ts';
import { problemData } from './problems.ts';
import type { CommandArguments } from './request.ts';
import { resolveAlone, resolveDoubt } from './resolve.ts';

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

const stateNow = ({ liveState }: ControlContext, { agent, device }: Addressee): AgentState => {
  const state = liveAgentState(liveState, agent);
  return device === null ? state : stateAtDevice(state, device);
};

const requireUnmasked = async ({ store, clock }: ControlContext, agent: Agent): Promise<void> => {
  const open = await store.blackouts.open([agent.source]);
  const masked = open.find((row) => row.agent === agent.externalId && (row.state !== 'SCHEDULED' || epochMs(row.startsAt) <= clock.now()));
  if (masked) throw blackedOut(masked);
};

/** A command as it is carried out. */
interface Execution {
  source: VendorSource;
  handler: ControlHandler;
  operation: ControlOperation;
  addressee: Addressee;
  given: CommandArguments;
  correlationId: string;
}

/** Throws what the agent's state forbids; where the vendor can be read, its state is read first. */
const requirePrecondition = async (
  context: ControlContext,
  command: ControlCommand,
  { source, operation, addressee }: Execution,
): Promise<void> => {
  const { clock, liveState } = context;
  const { agent } = addressee;
  if (undoesMask.has(operation) && source.blackouts?.support === 'EMULATED') await requireUnmasked(context, agent);
  const check = preconditionOf(operation);
  if (!check?.(stateNow(context, addressee))) return;
  const contactMs = Math.max(liveState.lastContactMs(source.name), agent.observedAt ? epochMs(agent.observedAt) : 0);
  const isFresh = clock.now() - contactMs <= source.maxStalenessMs;
  const fetched = await observeOutcome(context, command);
  const problem = fetched || (isFresh && source.observer !== undefined) ? check(stateNow(context, addressee)) : null;
  if (problem) throw problem;
};

const send = async (context: ControlContext, command: ControlCommand, execution: Execution): Promise<ControlCommand> => {
  const { clock, liveState, settings } = context;
  const { source, handler, operation, addressee, given } = execution;
  const { agent, addressedBy } = addressee;
  await requirePrecondition(context, command, execution);
  const before = evidenceFor(liveAgentState(liveState, agent), command).done;
  const sent: VendorCommand = { operation, agent, addressedBy, ...given };
  const deadline = { ms: settings.commandDeadlineMs, subject: `${source.name}: ${operation}` };
  const answer = await underDeadline(clock, deadline, (signal) => handler(sent, signal));
  const acceptedMs = clock.now();
  const resolved = await commit(context, async (transaction) => {
    const now = evidenceFor(await storedState(transaction.operations, agent), command);
    return resolveCommand(transaction, command.id, {
      status: !before && now.done ? 'CONFIRMED' : 'ACCEPTED',
      recording: answer.recording ?? now.recording,
    });
  });
  if (answer.observations?.length) {
    await context.applied();
    await context.observe(source.name, { observations: answer.observations, asOfMs: acceptedMs });
  }
  const row = answer.observations?.length || resolved === null ? await reread(context, command.id) : resolved;
  if (row.status !== 'ACCEPTED' || !source.agents) return row;
  await observeOutcome(context, command);
  return reread(context, command.id);
};

/** Returns the command with its outcome; throws what no vendor is to blame for. */
export const sendCommand = async (context: ControlContext, command: ControlCommand, execution: Execution): Promise<ControlCommand> => {
  const { correlationId } = execution;
  try {
    return await send(context, command, execution);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    if (leavesDoubt(error)) await resolveDoubt(context, command, { error, correlationId });
    else await resolveAlone(context, command.id, { status: 'FAILED', problem: problemData(error, correlationId) });
    return reread(context, command.id);
  }
};
