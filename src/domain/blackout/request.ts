/** Runs a request about a blackout: its checks, the agent's lock, the ledger's row and the answer. */
import { commit } from '../control/commit.ts';
import type { AgentReference } from '../control/context.ts';
import { findEarlier, hashInput, type NewCommand, openCommand, resolveCommand } from '../control/ledger.ts';
import { problemData, problemError } from '../control/problems.ts';
import { referenceInput, requireKey, requireReachable, requireReference } from '../control/request.ts';
import type { Agent, Blackout, ControlCommand } from '../model/entities.ts';
import type { BlackoutOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import type { Principal } from '../model/principal.ts';
import type { NewEvent } from '../observe/observation-result.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { AgentLease } from './agent-lock.ts';
import type { BlackoutContext } from './context.ts';
import { requireBlackouts } from './vendor-commands.ts';

export interface BlackoutAnswer {
  command: ControlCommand;
  blackout: Blackout;
  replayed: boolean;
}

/** A start that was given up and is being rolled back. */
export const isRolledBack = (row: Blackout): boolean => row.state === 'STOPPING' && row.confirmation === 'PENDING' && row.endedBy === null;

export const busy = (agent: Agent) =>
  new ExpectedError('CONFLICT', `Another server is changing the blackout of this agent of source ${agent.source}; retry shortly.`, {
    retryable: true,
  });

/** `opened` is the command as it was opened: its blackout stays, and the rest is read as it is by now. */
const answerOf = async ({ store }: BlackoutContext, opened: ControlCommand, replayed: boolean): Promise<BlackoutAnswer> => {
  const [[command], [blackout]] = await Promise.all([
    store.commands.byIds([opened.id]),
    store.blackouts.byIds(opened.blackout === null ? [] : [opened.blackout]),
  ]);
  // A stop that the vendor has not taken yet is answered with the blackout STOPPING; its newest problem is in the command.
  if (command?.problem && command.status === 'FAILED') throw problemError(command.problem);
  if (!command || !blackout) throw new Error(`Command ${opened.id} has lost its blackout.`);
  return { command, blackout, replayed };
};

interface Prepared {
  source: VendorSource;
  idempotencyKey: string | null;
  inputHash: string;
  /** The answer to the request's first sending, where this is a repeated one. */
  replay: BlackoutAnswer | null;
}

/** Checks the request, which is hashed as it is understood. Throws ExpectedError. A repeated one waits until nobody acts on the agent, so that it gets the first one's answer. */
export const prepareRequest = async (
  context: BlackoutContext,
  operation: BlackoutOperation,
  { agent: reference, idempotencyKey: key }: { agent: AgentReference; idempotencyKey?: string | null },
  { principal, correlationId }: { principal: Principal; correlationId: string },
  understood: Readonly<Record<string, unknown>>,
): Promise<Prepared> => {
  const { store, lock, settings } = context;
  requireReference(reference);
  const idempotencyKey = requireKey(key);
  const source = requireReachable(context, reference.source, { principal, operation, correlationId });
  requireBlackouts(source, operation);
  const inputHash = hashInput(context, operation, { agent: referenceInput(reference), ...understood });
  const earlier = await findEarlier(context, store, { requestedBy: principal.name, idempotencyKey, inputHash });
  if (earlier?.status === 'PENDING') {
    await lock.run({ source: source.name, externalId: earlier.agent ?? '' }, settings.commandDeadlineMs, async () => undefined);
  }
  return { source, idempotencyKey, inputHash, replay: earlier && (await answerOf(context, earlier, true)) };
};

/** A request as it is in the ledger, before it is known which blackout it is about. */
type RequestedCommand = Omit<NewCommand, 'blackout'>;

interface LockedRequest {
  agent: Agent;
  command: RequestedCommand;
  correlationId: string;
  /** The id of a blackout that the request may open. */
  newId?: string;
  /** Commits what the request makes of the agent's open blackout; an error is the request's outcome in the ledger. */
  open(operations: StoreOperations, events: NewEvent[], row: Blackout | null): Promise<Blackout | ExpectedError>;
  /** Sends what follows. `before` is the row as it was. */
  work(blackout: Blackout, before: Blackout | null, lease: AgentLease): Promise<void>;
}

/** Opens the ledger row and does the work with it under the agent's lock. Throws CONFLICT where another server holds the agent. */
export const runLocked = async (context: BlackoutContext, request: LockedRequest): Promise<BlackoutAnswer> => {
  const { agent, command, correlationId } = request;
  const { lock, settings } = context;
  const answer = await lock.run(agent, settings.commandDeadlineMs, async (lease) => {
    const opened = await commit(context, async (operations, events) => {
      if (!(await lease.isHeld(operations))) throw busy(agent);
      const before = await operations.blackouts.openOf(agent);
      const {
        row,
        inserted,
        events: made,
      } = await openCommand(context, operations, { ...command, blackout: before?.id ?? request.newId ?? null });
      if (!inserted) return { row, inserted, before, outcome: null };
      events.push(...made);
      const outcome = await request.open(operations, events, before);
      if (outcome instanceof ExpectedError) {
        const resolved = await resolveCommand(context, operations, row.id, {
          status: 'FAILED',
          problem: problemData(outcome, correlationId),
        });
        events.push(...(resolved?.events ?? []));
      }
      return { row, inserted, before, outcome };
    });
    const { outcome, before } = opened;
    if (outcome && !(outcome instanceof ExpectedError)) await request.work(outcome, before, lease);
    return { row: opened.row, replayed: !opened.inserted };
  });
  if (!answer) throw busy(agent);
  return answerOf(context, answer.row, answer.replayed);
};
