/** Runs a request about a blackout: its checks, the agent's lock, the ledger's row and the answer. */

import { commit } from '../commit.ts';
import { type AgentState, storedState } from '../control/agent-state.ts';
import type { AgentReference } from '../control/context.ts';
import { findEarlier, hashInput, type NewCommand, openCommand, resolveLocked } from '../control/ledger.ts';
import { problemData, problemError } from '../control/problems.ts';
import { referenceInput, requireKey, requireReachable, requireReference } from '../control/request.ts';
import type { Agent, Blackout, ControlCommand } from '../model/entities.ts';
import type { BlackoutOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import type { Caller } from '../model/principal.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { AgentLease } from './agent-lock.ts';
import type { BlackoutContext, BlackoutTransaction } from './context.ts';
import { requireBlackouts } from './vendor-commands.ts';

export interface BlackoutAnswer {
  command: ControlCommand;
  blackout: Blackout;
  replayed: boolean;
}

/** A start that was given up and is being rolled back. */
export const isRolledBack = (row: Blackout): boolean => row.state === 'STOPPING' && row.confirmation === 'PENDING' && row.endedBy === null;

export const busy = (source: string) =>
  new ExpectedError('CONFLICT', `Another server is changing the blackout of this agent of source ${source}; retry shortly.`, {
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

/** A request that has passed its checks, as it goes into the ledger. */
interface PreparedRequest extends Pick<NewCommand, 'operation' | 'requestedBy' | 'idempotencyKey' | 'inputHash'> {
  source: VendorSource;
  correlationId: string;
  /** The answer to the request's first sending, where this is a repeated one. */
  replay: BlackoutAnswer | null;
}

interface GivenRequest {
  operation: BlackoutOperation;
  agent: AgentReference;
  idempotencyKey?: string | null | undefined;
  /** The rest of it as it is understood, for its hash. */
  understood: Readonly<Record<string, unknown>>;
}

/** Checks the request. Throws ExpectedError. A repeated one waits until nobody acts on the agent, so that it gets the first one's answer. */
export const prepareRequest = async (
  context: BlackoutContext,
  { operation, agent: reference, idempotencyKey: key, understood }: GivenRequest,
  { principal, correlationId }: Caller,
): Promise<PreparedRequest> => {
  const { store, lock, settings } = context;
  requireReference(reference);
  const idempotencyKey = requireKey(key);
  const source = requireReachable(context, reference.source, { principal, operation, correlationId });
  requireBlackouts(source, operation);
  const inputHash = hashInput(context, operation, { agent: referenceInput(reference), ...understood });
  const requestedBy = principal.name;
  const earlier = await findEarlier(context, store, { requestedBy, idempotencyKey, inputHash });
  if (earlier?.status === 'PENDING') {
    await lock.run({ source: source.name, externalId: earlier.agent ?? '' }, settings.commandDeadlineMs, async () => undefined);
  }
  const replay = earlier && (await answerOf(context, earlier, true));
  return { operation, source, requestedBy, idempotencyKey, inputHash, correlationId, replay };
};

interface LockedRequest {
  agent: Agent;
  /** The input as the ledger keeps it. */
  input: NewCommand['input'];
  /** The id of a blackout that the request may open. */
  newId?: string;
  /** Commits what the request makes of the agent's open blackout; an error is the request's outcome in the ledger. */
  open(transaction: BlackoutTransaction, row: Blackout | null, state: Promise<AgentState>): Promise<Blackout | ExpectedError>;
  /** Sends what follows. `before` is the row as it was. */
  work(blackout: Blackout, before: Blackout | null, lease: AgentLease): Promise<void>;
}

/** Opens the ledger row and does the work with it under the agent's lock. Throws CONFLICT where another server holds the agent. */
export const runLocked = async (context: BlackoutContext, prepared: PreparedRequest, request: LockedRequest): Promise<BlackoutAnswer> => {
  const { source, correlationId, operation, requestedBy, idempotencyKey, inputHash } = prepared;
  const { agent, input, newId = null } = request;
  const command = { operation, source: source.name, agent: agent.externalId, requestedBy, idempotencyKey, inputHash, input };
  const { lock, settings } = context;
  const held = await lock.run(agent, settings.commandDeadlineMs, async (lease) => {
    const { opened, outcome, before } = await commit(context, async (transaction) => {
      const { operations } = transaction;
      const state = storedState(operations.unlocked, agent);
      state.catch(() => undefined);
      const [isHeld, before] = await Promise.all([lease.isHeld(operations), operations.blackouts.openOf(agent)]);
      if (!isHeld) throw busy(source.name);
      const opened = await openCommand(transaction, { ...command, blackout: before?.id ?? newId });
      if (!opened.inserted) return { opened, before, outcome: null };
      const outcome = await request.open(transaction, before, state);
      if (outcome instanceof ExpectedError) {
        await resolveLocked(transaction, opened.row, { status: 'FAILED', problem: problemData(outcome, correlationId) });
      }
      return { opened, before, outcome };
    });
    if (outcome && !(outcome instanceof ExpectedError)) await request.work(outcome, before, lease);
    const answer = answerOf(context, opened.row, !opened.inserted);
    // Read while the lease is released, and thrown after that.
    answer.catch(() => undefined);
    return { answer };
  });
  if (!held) throw busy(source.name);
  return held.answer;
};
