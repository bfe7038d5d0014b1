/** The acts that mask: each sends what the source needs and commits what came of it. Called under the agent's lock. */
import { storedState } from '../control/agent-state.ts';
import { commit } from '../control/commit.ts';
import type { ControlContext } from '../control/context.ts';
import { type Resolution, resolveCommand } from '../control/ledger.ts';
import { problemData } from '../control/problems.ts';
import { leavesDoubt } from '../control/under-deadline.ts';
import type { Blackout } from '../model/entities.ts';
import type { Confirmation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import type { Hold } from './agent-lock.ts';
import { agentKey, type Masking, maskable } from './masking.ts';
import type { Retries } from './retries.ts';
import { asExpected, closed, type RowWriter } from './row-writer.ts';
import { openCommandsOf, withInterrupted } from './rows.ts';
import type { GivenTime } from './times.ts';

/** Failures that the same command may overcome a moment later. */
const isPassing = (error: ExpectedError): boolean => error.code === 'VENDOR_TIMEOUT' || error.code === 'VENDOR_UNAVAILABLE';

/** `wasInDoubt` where an earlier start may have masked the agent. */
export interface StartForCaller {
  given: GivenTime;
  /** The agent as the caller named it. */
  addressedBy: AgentLookup;
  hold: Hold;
  correlationId: string;
  wasInDoubt: boolean;
}

export const createStarting = (deps: ControlContext, retries: Retries, masking: Masking, writer: RowWriter) => {
  const { store, clock, liveState } = deps;
  const { now, change, reduce, settleCommands, openOwn, move } = writer;

  /** The vendor said yes to the start. */
  const acceptStart = (row: Blackout, source: VendorSource) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'SCHEDULED') return null;
      const quiet = before.support === 'EMULATED' && maskable((await storedState(operations, agentKey(before))).live).length === 0;
      const confirmation: Confirmation = quiet ? 'CONFIRMED' : 'ACCEPTED';
      await settleCommands(operations, events, row.id, 'START_BLACKOUT', {
        status: confirmation,
        final: quiet || !source.blackouts?.confirmable,
      });
      return { confirmation, acceptedAt: now(), ...(epochMs(before.startsAt) <= clock.now() ? move(before, 'begin') : {}) };
    });

  /** The times of the start as they were asked for. */
  const givenTo = async (row: Blackout): Promise<GivenTime> => {
    const [command] = await openCommandsOf(store, row.id, 'START_BLACKOUT');
    return {
      at: (command?.input.startAt as string | undefined) ?? null,
      offsetMs: (command?.input.offsetMs as number | undefined) ?? null,
    };
  };

  /** `onStopped` is called for each recording that is stopped, also where the start fails after that. */
  const sendStart = async (
    row: Blackout,
    source: VendorSource,
    given: GivenTime,
    repeated: boolean,
    onStopped: () => void,
    addressedBy?: AgentLookup,
  ): Promise<readonly Observation[]> => {
    if (row.support === 'NATIVE') {
      try {
        const answer = await masking.startNative(source, row, {
          ...masking.timesFor(given, epochMs(row.startsAt), repeated),
          addressedBy,
        });
        return answer.observations ?? [];
      } catch (error) {
        if (!(error instanceof ExpectedError && error.code === 'ALREADY_BLACKED_OUT')) throw error;
        return [];
      }
    }
    const live = maskable(liveState.liveRecordings(agentKey(row)));
    await change(row.id, async (_operations, _events, before) => {
      const interrupted = withInterrupted(before, live);
      return interrupted === before.interrupted ? null : { interrupted };
    });
    return masking.stopRecordings(source, row, onStopped);
  };

  /** Says no to the start for good: the vendor refused it and is not masking. */
  const refuseStart = (row: Blackout, error: ExpectedError, correlationId: string) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'SCHEDULED') return null;
      await settleCommands(operations, events, row.id, 'START_BLACKOUT', {
        status: 'FAILED',
        problem: problemData(error, correlationId),
      });
      return { ...move(before, 'refuse'), endedAt: now() };
    });

  /** Gives the start up without knowing whether the vendor masks: it is stopped until the vendor says so. */
  const abandonStart = (row: Blackout, error: ExpectedError, correlationId: string) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'SCHEDULED') return null;
      const told = new ExpectedError(
        error.code,
        `${error.message} The blackout is not in force; in case the vendor began it all the same, it is being stopped.`,
        { retryable: error.retryable, vendorCode: error.vendorCode },
      );
      await settleCommands(operations, events, row.id, 'START_BLACKOUT', {
        status: 'FAILED',
        problem: problemData(told, correlationId),
      });
      await openOwn(operations, events, row, 'STOP_BLACKOUT', 'UNDO');
      return move(before, 'stop');
    });

  /** While the caller waits: repeats once towards safety, then gives up. */
  const startForCaller = async (
    row: Blackout,
    source: VendorSource,
    { given, addressedBy, hold, correlationId, wasInDoubt }: StartForCaller,
  ): Promise<void> => {
    let inDoubt = wasInDoubt;
    const onStopped = () => {
      inDoubt = true;
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const shown = await sendStart(row, source, given, attempt > 1, onStopped, addressedBy);
        await acceptStart(row, source);
        await reduce(source, shown);
        return;
      } catch (caught) {
        const error = asExpected(caught);
        inDoubt ||= leavesDoubt(error);
        if (isPassing(error) && attempt < 2) continue;
        if (!inDoubt) {
          await refuseStart(row, error, correlationId);
          return;
        }
        hold.keep();
        await abandonStart(row, error, correlationId);
        return;
      }
    }
  };

  /** Whether a start may have reached the vendor before: a native one is sent as it is written down. */
  const wasSent = ({ support, interrupted }: Blackout): boolean => support === 'NATIVE' || interrupted.length > 0;

  /** Nobody waits for it any more: repeats towards safety, with back-off, until the deadline; a plain no ends it. */
  const mask = async (row: Blackout, source: VendorSource, hold: Hold): Promise<void> => {
    let inDoubt = wasSent(row);
    const onStopped = () => {
      inDoubt = true;
    };
    try {
      const shown = await sendStart(row, source, await givenTo(row), true, onStopped);
      await acceptStart(row, source);
      retries.clear(row.id);
      await reduce(source, shown);
    } catch (caught) {
      const error = asExpected(caught);
      if (!error.retryable) {
        await (inDoubt ? abandonStart : refuseStart)(row, error, row.id);
        return;
      }
      if (leavesDoubt(error)) hold.keep();
      retries.failed(row.id);
    }
  };

  /** A recording runs although the agent is blacked out: it is stopped, under a command of its own in the ledger. */
  const maskAgain = async (row: Blackout, source: VendorSource, hold: Hold): Promise<void> => {
    const running = maskable(liveState.liveRecordings(agentKey(row)));
    if (running.length === 0 && masking.isFresh(source)) {
      await change(row.id, async (operations, _events, before) => {
        const { live } = await storedState(operations, agentKey(row));
        return maskable(live).length > 0 ? null : { confirmation: 'CONFIRMED', exposures: closed(before, now()) };
      });
      retries.after(row.id, source.confirmMs);
      return;
    }
    const command = await commit(deps, (operations, events) => openOwn(operations, events, row, 'STOP_RECORDING', 'BLACKOUT'));
    const settle = (settlement: Resolution) =>
      commit(deps, async (operations, events) => {
        const settled = await resolveCommand(deps, operations, command.id, settlement);
        if (settled) events.push(...settled.events);
      });
    try {
      const shown = await masking.stopRecordings(source, row);
      await settle({ status: 'ACCEPTED' });
      await change(row.id, async (operations, _events, before) => {
        if (before.state !== 'ACTIVE') return null;
        const { live } = await storedState(operations, agentKey(before));
        const others = maskable(live).filter((one) => !running.some(({ externalId }) => externalId === one.externalId));
        if (others.length > 0) return { confirmation: 'ACCEPTED', acceptedAt: null };
        if (maskable(live).length > 0) return { confirmation: 'ACCEPTED', acceptedAt: now() };
        return { confirmation: 'CONFIRMED', acceptedAt: now(), exposures: closed(before, now()) };
      });
      retries.clear(row.id);
      await reduce(source, shown);
    } catch (caught) {
      const error = asExpected(caught);
      await settle({ status: 'FAILED', problem: problemData(error, row.id) });
      if (leavesDoubt(error)) hold.keep();
      retries.failed(row.id);
    }
  };

  const begin = (row: Blackout) =>
    change(row.id, async (_operations, _events, before) => (before.state === 'SCHEDULED' ? move(before, 'begin') : null));

  return { startForCaller, mask, maskAgain, begin };
};
