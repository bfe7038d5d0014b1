/** The end of a blackout that comes while the store takes no writes, such as with a full disk: it is sent first, and written when there is room. */
import { inLane } from '../../lib/lane.ts';
import type { Agent, Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import type { VendorSource } from '../ports/vendor.ts';
import { underDeadline } from '../under-deadline.ts';
import type { BlackoutContext } from './context.ts';
import { agentKey, interruptedRecordings, nowOf } from './repository.ts';
import { resume, resumptionsOf, stopNative } from './vendor-commands.ts';

/** The context with the agent as the vendor shows it now, which cannot be written down; unchanged where the vendor cannot be asked. */
const withAgentNow = async (context: BlackoutContext, source: VendorSource, row: Blackout): Promise<BlackoutContext> => {
  const { clock, settings, liveState } = context;
  const known = liveState.agent(agentKey(row));
  if (!source.agents || known === null) return context;
  const [snapshot] = await underDeadline(clock, settings.commandDeadlineMs, `${source.name}: the agent's state`, (signal) =>
    source.agents!.byIdentifiers([{ identifier: 'ID', value: row.agent }], signal),
  );
  const shown = snapshot?.observations.find((one) => one.type === 'agent')?.agent ?? {};
  const agent: Agent = { ...known, ...shown };
  return { ...context, liveState: { ...liveState, agent: () => agent } };
};

const send = async (context: BlackoutContext, source: VendorSource, row: Blackout): Promise<void> => {
  if (row.support === 'NATIVE') {
    await stopNative(context, source, row, {});
    return;
  }
  const seen = await withAgentNow(context, source, row);
  const interrupted = await interruptedRecordings(context.store, row);
  for (const resumption of resumptionsOf(seen, source, row, interrupted, row.confirmation === 'CONFIRMED')) {
    await resume(context, source, resumption);
  }
};

/** By these the vendor says that the blackout is over. */
const saysOver = (error: ExpectedError): boolean => error.code === 'NOT_BLACKED_OUT' || error.code === 'ALREADY_RECORDING';

/** Sends the stop, unless the vendor has taken it already. A failure is logged, and the next try sends it again. */
export const sendUnwritten = async (context: BlackoutContext, row: Blackout): Promise<void> => {
  const { unwrittenStops, sources, log } = context;
  if (unwrittenStops.has(row.id)) return;
  const told = { source: row.source, blackout: row.id };
  try {
    await inLane('deadline', () => send(context, sources.get(row.source)!, row));
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    if (!saysOver(error))
      return log.warn('the stop of a blackout that is due failed, and the store accepts no writes; it is sent again', {
        ...told,
        code: error.code,
      });
  }
  unwrittenStops.set(row.id, nowOf(context));
  log.warn('the stop of a blackout was sent, and is written once the store accepts writes', told);
};
