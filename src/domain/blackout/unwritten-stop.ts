/** The end of a blackout that comes, or is requested, while the store takes no writes, such as with a full disk: it is sent first, and written when there is room. */
import { inLane } from '../../lib/lane.ts';
import type { AgentReference } from '../control/context.ts';
import { readAgent } from '../control/read-agent.ts';
import type { Agent, Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { reportedFields } from '../observe/reduction.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import type { BlackoutContext } from './context.ts';
import { maskable } from './exposures.ts';
import { interruptedRecordings, resumptionsOf } from './resumptions.ts';
import { agentKey, nowOf, sourceOf } from './row.ts';
import { agentOf, isCallGoingOn, resume, stopNative } from './vendor-commands.ts';

/** The agent as the vendor shows it now, which cannot be written down; as it is known where the vendor cannot be read. */
const agentNow = async (context: BlackoutContext, row: Blackout): Promise<Agent> => {
  const snapshot = await readAgent(context, sourceOf(context, row), { identifier: 'ID', value: row.agent });
  let agent = agentOf(context, row);
  for (const one of snapshot?.observations ?? []) {
    if (one.type === 'agent' && one.agent.externalId === row.agent) agent = { ...agent, ...reportedFields(one.agent) };
  }
  return agent;
};

const send = async (context: BlackoutContext, row: Blackout, addressedBy: AgentLookup | undefined): Promise<void> => {
  if (row.support === 'NATIVE') {
    await stopNative(context, row, { addressedBy });
    return;
  }
  const believed = maskable(context.liveState.liveRecordings(agentKey(row)));
  const resumptions = resumptionsOf(sourceOf(context, row), row, {
    interrupted: await interruptedRecordings(context.store, row),
    agent: await agentNow(context, row),
    running: row.confirmation === 'CONFIRMED' ? believed.filter(({ state }) => state !== 'STOPPING') : [],
    isCallGoingOn: isCallGoingOn(context, row),
  });
  for (const resumption of resumptions) await resume(context, row, resumption);
};

/** By these the vendor says that the blackout is over. */
const saysOver = (error: ExpectedError): boolean => error.code === 'NOT_BLACKED_OUT' || error.code === 'ALREADY_RECORDING';

/** The caller who asks for a stop, and the agent as that caller named it. */
interface StopRequest {
  requestedBy: string;
  addressedBy: AgentLookup;
}

/** Sends the stop, unless the vendor has taken it already. A failure is logged, and the next try sends it again. */
export const sendUnwritten = async (context: BlackoutContext, row: Blackout, request: StopRequest | null = null): Promise<void> => {
  const { unwrittenStops, log } = context;
  if (unwrittenStops.has(row.id)) return;
  const subject = { source: row.source, blackout: row.id };
  try {
    await inLane('deadline', () => send(context, row, request?.addressedBy));
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    if (!saysOver(error))
      return log.warn('the stop of a blackout failed, and the store accepts no writes; it is sent again when it is due', {
        ...subject,
        code: error.code,
      });
  }
  unwrittenStops.set(row.id, { sentAt: nowOf(context), requestedBy: request?.requestedBy ?? null });
  log.warn('the stop of a blackout was sent, and is written once the store accepts writes', subject);
};

/** The id of the agent whom the vendor finds by the identifier now; null where it finds nobody. */
const idOf = async (context: BlackoutContext, source: VendorSource, lookup: AgentLookup): Promise<string | null> => {
  if (lookup.identifier === 'ID' || !source.agents) return lookup.value;
  return (await readAgent(context, source, lookup))?.agent ?? null;
};

/** Sends the stop that a caller asks for now. Returns what to tell the caller; null where nothing was stopped. */
export const stopUnwritten = async (
  context: BlackoutContext,
  { source: name, identifier, value }: AgentReference,
  requestedBy: string,
): Promise<ExpectedError | null> => {
  const addressedBy: AgentLookup = { identifier, value: value.trim() };
  const externalId = await idOf(context, context.sources.get(name)!, addressedBy);
  const row = externalId === null ? null : await context.store.blackouts.openOf({ source: name, externalId });
  if (row === null || row.state === 'SCHEDULED') return null;
  await sendUnwritten(context, row, { requestedBy, addressedBy });
  if (!context.unwrittenStops.has(row.id)) return null;
  return new ExpectedError(
    'CONFLICT',
    `Source ${name} has taken the stop of blackout ${row.id}, but the store accepts no writes now; the blackout is shown as ended once it does.`,
    { retryable: true },
  );
};
