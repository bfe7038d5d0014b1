/** Settles commands from what is seen: in a fold, after a doubtful answer, and after a server that died in between. */

import type { ControlCommand, SourceKey } from '../model/entities.ts';
import type { ControlOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { mapKey } from '../model/ids.ts';
import { epochMs } from '../model/instant.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import { storedState } from './agent-state.ts';
import { isControlOperation, seenIn, shows } from './confirmation.ts';
import type { ControlDependencies, NewEvent, ObservationResult } from './dependencies.ts';
import type { Ledger, Settlement } from './ledger.ts';
import { problemData } from './problems.ts';
import { underDeadline } from './send.ts';

export const keyOf = (command: ControlCommand): SourceKey => ({ source: command.source, externalId: command.agent ?? '' });

/** One transaction whose events are told once it is committed. */
export type Commit = <T>(work: (operations: StoreOperations, events: NewEvent[]) => Promise<T>) => Promise<T>;

/** `isInFlight` tells the commands that this server is still waiting for. */
export const createSettling = (deps: ControlDependencies, ledger: Ledger, isInFlight: (command: string) => boolean) => {
  const { store, clock, sources, settings } = deps;

  const commit: Commit = async (work) => {
    const { result, appended } = await store.transaction(async (operations) => {
      const events: NewEvent[] = [];
      const result = await work(operations, events);
      return { result, appended: events.length === 0 ? [] : await operations.events.append(events) };
    });
    await deps.publish(appended);
    return result;
  };

  const settle = (id: string, settlement: Settlement) =>
    commit(async (operations, events) => {
      const settled = await ledger.settle(operations, id, settlement);
      if (settled) events.push(...settled.events);
      return settled?.row ?? null;
    });

  /** Asks the vendor how the agent is now and folds it. False where the vendor cannot show what the operation changes. */
  const look = async (source: VendorSource, operation: ControlOperation, agent: string): Promise<boolean> => {
    if (!source.agents) return false;
    const asOfMs = clock.now();
    const subject = `${source.name}: the agent's state`;
    const [agentSnapshot] = await underDeadline(clock, settings.commandDeadlineMs, subject, (signal) =>
      source.agents!.byIdentifiers([{ identifier: 'ID', value: agent }], signal),
    );
    if (!agentSnapshot) return false;
    await deps.observe(source.name, { observations: agentSnapshot.observations, asOfMs });
    return shows(operation, agentSnapshot.observations);
  };

  const lookQuietly = async (source: VendorSource, operation: ControlOperation, agent: string): Promise<boolean> => {
    try {
      return await look(source, operation, agent);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      deps.log.info('control.look.failed', { source: source.name, operation, code: error.code });
      return false;
    }
  };

  /** Leaves the row PENDING with its problem, so that a later sight of the state can settle it; then looks once. */
  const settleDoubt = async (source: VendorSource, command: ControlCommand, error: ExpectedError, correlationId: string): Promise<void> => {
    const operation = command.operation as ControlOperation;
    await settle(command.id, {
      status: 'PENDING',
      problem: problemData(
        new ExpectedError(
          error.code,
          `${error.message} Whether ${operation} was done is not known; the command stays PENDING and is settled when the vendor shows it.`,
          { retryable: error.retryable, vendorCode: error.vendorCode },
        ),
        correlationId,
      ),
    });
    if (!(await lookQuietly(source, operation, command.agent ?? ''))) return;
    await settle(command.id, {
      status: 'FAILED',
      problem: problemData(
        new ExpectedError(error.code, `${error.message} The vendor's state was read afterwards and shows that ${operation} was not done.`, {
          retryable: error.retryable,
          vendorCode: error.vendorCode,
        }),
        correlationId,
      ),
    });
  };

  /** Settles the commands of the agents that a fold showed; called inside the fold's transaction. */
  const onObserved = async (operations: StoreOperations, observed: ObservationResult): Promise<NewEvent[]> => {
    const touched = touchedAgents(observed);
    const events: NewEvent[] = [];
    const open = (await operations.commands.open([observed.source])).filter(
      (row) => isControlOperation(row.operation) && row.agent !== null && touched.has(row.agent),
    );
    const states = new Map<string, Awaited<ReturnType<typeof storedState>>>();
    for (const row of open) {
      const failure = observed.failures.find(
        (one) =>
          one.agent === row.agent &&
          one.operations.includes(row.operation) &&
          (one.recording === null || row.recording === null || one.recording === row.recording),
      );
      const settled =
        failure && row.status === 'ACCEPTED'
          ? await ledger.settle(operations, row.id, {
              status: 'FAILED',
              problem: problemData(
                new ExpectedError('VENDOR_REJECTED', `${row.source}: ${row.operation} was accepted and then failed: ${failure.message}`, {
                  vendorCode: failure.vendorCode,
                }),
                row.id,
              ),
            })
          : await confirm(operations, row, observed.asOfMs, states);
      if (settled) events.push(...settled.events);
    }
    return events;
  };

  const confirm = async (
    operations: StoreOperations,
    row: ControlCommand,
    asOfMs: number,
    states: Map<string, Awaited<ReturnType<typeof storedState>>>,
  ) => {
    const inDoubt = row.status === 'PENDING' && row.problem !== null;
    const sinceMs = row.status === 'ACCEPTED' ? epochMs(row.acceptedAt!) : epochMs(row.requestedAt);
    if ((row.status !== 'ACCEPTED' && !inDoubt) || asOfMs < sinceMs) return null;
    const key = keyOf(row);
    const state = states.get(mapKey(key)) ?? (await storedState(operations, key));
    states.set(mapKey(key), state);
    const seen = seenIn(state, row);
    return seen.done ? ledger.settle(operations, row.id, { status: 'CONFIRMED', recording: seen.recording }) : null;
  };

  /** Settles what a killed or timed-out server left open, from what the vendor shows; no command is ever sent again. */
  const recover = async (): Promise<void> => {
    const nowMs = clock.now();
    for (const row of await store.commands.open([...sources.keys()])) {
      if (!isControlOperation(row.operation) || isInFlight(row.id)) continue;
      const source = sources.get(row.source)!;
      const ageMs = nowMs - epochMs(row.requestedAt);
      if (row.status === 'ACCEPTED') {
        if (ageMs <= source.confirmMs + settings.commandDeadlineMs) continue;
        await lookQuietly(source, row.operation, row.agent ?? '');
        await settle(row.id, { status: 'ACCEPTED', final: true });
        continue;
      }
      if (ageMs < settings.commandDeadlineMs + settings.leaseMs) continue;
      const timeout = new ExpectedError('VENDOR_TIMEOUT', `${row.source}: the answer to ${row.operation} was lost.`);
      if (row.problem === null) await settleDoubt(source, row, timeout, row.id);
      else if (await lookQuietly(source, row.operation, row.agent ?? '')) await settle(row.id, { status: 'FAILED', problem: row.problem });
      else if (ageMs > settings.unknownOutcomeMs) await settle(row.id, { status: 'FAILED', problem: row.problem });
    }
  };

  return { commit, settle, lookQuietly, settleDoubt, onObserved, recover };
};

/** External ids of the agents that a fold says something about. */
export const touchedAgents = (observed: ObservationResult): ReadonlySet<string> => {
  const touched = new Set(observed.shown);
  for (const agent of observed.agents) touched.add(agent.externalId);
  for (const recording of observed.recordings) if (recording.agent !== null) touched.add(recording.agent);
  for (const call of observed.calls) for (const agent of call.agents) touched.add(agent);
  for (const { agent } of observed.failures) touched.add(agent);
  for (const { agent } of observed.blackouts) touched.add(agent);
  return touched;
};
