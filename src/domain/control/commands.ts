/** The use case behind every recording and session mutation. */
import { openBlackoutsOf } from '../blackout/rows.ts';
import type { Agent, Blackout, ControlCommand } from '../model/entities.ts';
import type { ControlOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { ControlHandler, VendorCommand, VendorSource } from '../ports/vendor.ts';
import { bareAgent, storedState, trackedState } from './agent-state.ts';
import { seenIn } from './confirmation.ts';
import type { AgentReference, ControlDependencies } from './dependencies.ts';
import type { Ledger, NewCommand } from './ledger.ts';
import { preconditionOf } from './preconditions.ts';
import { problemData, problemError } from './problems.ts';
import {
  argumentsOf,
  type CommandArguments,
  type ControlRequest,
  operationOf,
  requireKey,
  requireReachable,
  requireReference,
} from './request.ts';
import { leavesDoubt, underDeadline } from './send.ts';
import { createSettling, keyOf } from './settling.ts';

export interface ControlAnswer {
  command: ControlCommand;
  agent: Agent;
  replayed: boolean;
}

/** What would break an emulated blackout, since there the mask is that nothing is recorded. */
const undoesMask: ReadonlySet<ControlOperation> = new Set([
  'START_RECORDING',
  'START_DUPLICATE_RECORDING',
  'START_SCREEN_RECORDING',
] satisfies ControlOperation[]);

const blackedOut = ({ id, state }: Blackout) =>
  new ExpectedError(
    'CONFLICT',
    `The agent is blacked out by ${id}, in state ${state}, and at this source that means that nothing is recorded; stop the blackout first.`,
    { retryable: true },
  );

export const createCommands = (deps: ControlDependencies, ledger: Ledger) => {
  const { store, clock, sources, liveState, settings } = deps;
  const inFlight = new Map<string, Promise<void>>();
  const { commit, settle, lookQuietly, settleDoubt, onObserved, recover } = createSettling(deps, ledger, (id) => inFlight.has(id));

  const reread = async (id: string): Promise<ControlCommand> => {
    const [row] = await store.commands.byIds([id]);
    if (!row) throw new Error(`Command ${id} is gone from the ledger.`);
    return row;
  };

  const resolveAgent = async (reference: AgentReference): Promise<Agent> => {
    const { source, identifier, value } = reference;
    const known = identifier === 'ID' ? liveState.agent({ source, externalId: value }) : null;
    const subject = `${source}: the agent's lookup`;
    const agent =
      known ??
      (await underDeadline(clock, settings.commandDeadlineMs, subject, (signal) =>
        deps.resolveAgent(source, { identifier, value }, signal),
      ));
    if (agent) return agent;
    throw new ExpectedError(
      'NOT_FOUND',
      `Source ${source} knows no agent of this ${identifier}; give an identifier that the vendor holds, or wait until the agent was seen once.`,
    );
  };

  /** A refusal that live state suggests is made only on the vendor's present word, where the vendor can be asked. */
  const refuseWhatCannotWork = async (source: VendorSource, operation: ControlOperation, agent: Agent): Promise<void> => {
    if (undoesMask.has(operation) && source.blackouts?.support === 'EMULATED') {
      const masked = (await openBlackoutsOf(store, agent)).find(
        ({ state, startsAt }) => state !== 'SCHEDULED' || epochMs(startsAt) <= clock.now(),
      );
      if (masked) throw blackedOut(masked);
    }
    const check = preconditionOf(operation);
    if (!check?.(trackedState(liveState, agent))) return;
    const fresh =
      clock.now() - Math.max(liveState.lastContactMs(source.name), agent.observedAt ? epochMs(agent.observedAt) : 0) <=
      source.maxStalenessMs;
    const asked = await lookQuietly(source, operation, agent.externalId);
    const refusal = asked || (fresh && source.observer !== undefined) ? check(trackedState(liveState, agent)) : null;
    if (refusal) throw refusal;
  };

  const execute = async (
    source: VendorSource,
    handler: ControlHandler,
    command: ControlCommand,
    sent: VendorCommand,
    correlationId: string,
  ): Promise<ControlCommand> => {
    const operation = command.operation as ControlOperation;
    const subject = `${source.name}: ${operation}`;
    try {
      await refuseWhatCannotWork(source, operation, sent.agent);
      const before = seenIn(trackedState(liveState, sent.agent), command).done;
      const answer = await underDeadline(clock, settings.commandDeadlineMs, subject, (signal) => handler(sent, signal));
      const acceptedMs = clock.now();
      const settled = await commit(async (operations, events) => {
        const now = seenIn(await storedState(operations, sent.agent), command);
        const settled = await ledger.settle(operations, command.id, {
          status: !before && now.done ? 'CONFIRMED' : 'ACCEPTED',
          recording: answer.recording ?? now.recording,
        });
        if (settled) events.push(...settled.events);
        return settled?.row ?? null;
      });
      if (answer.observations?.length) {
        await deps.observe(source.name, { observations: answer.observations, asOfMs: acceptedMs });
      }
      const row = answer.observations?.length || settled === null ? await reread(command.id) : settled;
      if (row.status !== 'ACCEPTED' || !source.agents) return row;
      await lookQuietly(source, operation, sent.agent.externalId);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      if (leavesDoubt(error)) await settleDoubt(source, command, error, correlationId);
      else await settle(command.id, { status: 'FAILED', problem: problemData(error, correlationId) });
    }
    return reread(command.id);
  };

  /** Resolves when this server has its answer, or after the deadline even so. */
  const landing = (id: string): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(settings.commandDeadlineMs, resolve);
      void Promise.resolve(inFlight.get(id)).then(() => {
        cancel();
        resolve();
      });
    });

  /** Waits for an answer that this server, or another one, is still getting. */
  const awaitAnswer = async (row: ControlCommand): Promise<ControlCommand> => {
    const waitUntilMs = clock.now() + settings.commandDeadlineMs;
    await landing(row.id);
    for (;;) {
      const now = await reread(row.id);
      if (now.status !== 'PENDING' || now.problem !== null || clock.now() >= waitUntilMs) return now;
      await new Promise<void>((resolve) => clock.after(200, resolve));
    }
  };

  const answerOf = (command: ControlCommand, replayed: boolean): ControlAnswer => {
    if (command.problem) throw problemError(command.problem);
    const key = keyOf(command);
    return { command, agent: liveState.agent(key) ?? bareAgent(key), replayed };
  };

  /** Throws ExpectedError for everything that a client is told as Problem; what the vendor refused is in the ledger as FAILED. */
  const run = async (request: ControlRequest, principal: Principal, correlationId: string): Promise<ControlAnswer> => {
    const operation = operationOf(request);
    requireReference(request.agent);
    const idempotencyKey = requireKey(request.idempotencyKey);
    const source = requireReachable(sources, request.agent.source, principal);
    const handler = source.control?.[operation];
    if (!handler) throw unsupported(source, operation);
    const given: CommandArguments = argumentsOf(request, operation, source);
    const { source: sourceName, identifier, value } = request.agent;
    const inputHash = ledger.inputHash(operation, { agent: { source: sourceName, identifier, value }, ...given });
    const earlier = await ledger.earlier(store, principal.name, idempotencyKey, inputHash);
    if (earlier) return answerOf(await awaitAnswer(earlier), true);

    const agent = await resolveAgent(request.agent);
    const command: NewCommand = {
      operation,
      source: sourceName,
      agent: agent.externalId,
      requestedBy: principal.name,
      idempotencyKey,
      inputHash,
      input: { ...given },
    };
    // More than one where the transaction was repeated; and one whose commit nobody acknowledged may be in the ledger all the same.
    const ids: string[] = [];
    const { promise: landed, resolve: land } = Promise.withResolvers<void>();
    try {
      const opened = await commit(async (operations, events) => {
        const result = await ledger.open(operations, command);
        events.push(...result.events);
        if (result.inserted) {
          ids.push(result.row.id);
          inFlight.set(result.row.id, landed);
        }
        return result;
      });
      if (!opened.inserted) return answerOf(await awaitAnswer(opened.row), true);
      return answerOf(await execute(source, handler, opened.row, { operation, agent, ...given }, correlationId), false);
    } finally {
      for (const id of ids) inFlight.delete(id);
      land();
    }
  };

  return { run, onObserved, recover, commit, resolveAgent };
};

export type Commands = ReturnType<typeof createCommands>;

export const unsupported = (source: VendorSource, operation: string): ExpectedError =>
  new ExpectedError(
    'UNSUPPORTED',
    `Source ${source.name} cannot do ${operation}: its vendor offers no such command. Source.capabilities lists what it can do.`,
  );
