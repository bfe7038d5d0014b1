/** Takes in what a push says, when it comes or when its dead letter is replayed. */
import type * as z from 'zod';
import {
  createTurns,
  type DeadLetter,
  ExpectedError,
  type Observation,
  parseJson,
  type Turns,
  type VendorClock,
  type VendorContext,
} from '../kit/index.ts';
import { callObservations, pulledObservations, type RecordContext, recordObservations, voicemailObservations } from './mapping.ts';
import type { TencentSource } from './source.ts';
import { correctedSides } from './tracks.ts';
import { callDetail, cdrPush, recordPush, voicemailPush } from './wire.ts';

/** Why a body cannot be read, in words that hold nothing of it. `mayPass`: the same delivery may come whole when it is sent again. */
export class Unreadable extends Error {
  constructor(
    reason: string,
    readonly mayPass: boolean,
  ) {
    super(reason);
  }
}

/** The charset is UTF-8, not that of the header: the vendor writes the unregistered `utf8`. */
export const readJsonBody = (body: Uint8Array): unknown => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Unreadable('not UTF-8', true);
  }
  try {
    return parseJson(text);
  } catch {
    throw new Unreadable('not JSON', true);
  }
};

const readShape = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const fields = [...new Set(read.error.issues.map(({ path }) => path.join('.') || 'its root'))];
  throw new Unreadable(`not of the documented shape at ${fields.slice(0, 5).join(', ')}`, false);
};

/** A push that was read: its `SessionId`, and the function that makes its observations when its call's turn comes. */
interface ReadPush {
  session: string;
  /** The newest time in it, epoch ms by the vendor's clock. */
  reportedMs: number | null;
  observations(records: RecordContext, known: VendorContext['known']): Promise<readonly Observation[]>;
}

/** By `?action=`; the body does not name its kind. */
const readers = {
  cdr: (value: unknown): ReadPush => {
    const push = readShape(cdrPush, value);
    return {
      session: push.SessionId,
      reportedMs: push.EndedTimestamp,
      observations: async (_, known) => [...callObservations(push), ...correctedSides(push, await known.recordingsOfCall(push.SessionId))],
    };
  },
  record: (value: unknown): ReadPush => {
    const push = readShape(recordPush, value);
    return {
      session: push.SessionId,
      reportedMs: push.Timestamp,
      observations: async (records, known) => {
        const [[call = null], recordings] = await Promise.all([
          known.storedCalls([push.SessionId]),
          known.recordingsOfCall(push.SessionId),
        ]);
        return recordObservations(push, { call, recordings }, records);
      },
    };
  },
  voicemail: (value: unknown): ReadPush => {
    const push = readShape(voicemailPush, value);
    return { session: push.SessionId, reportedMs: push.Timestamp, observations: async (records) => voicemailObservations(push, records) };
  },
} as const;
export type PushAction = keyof typeof readers;

/** The action of a push whose address named none, by its body; null where the body does not show it. */
const actionByBody = (value: unknown): PushAction | null => {
  if (typeof value !== 'object' || value === null) return null;
  if ('ServeParticipants' in value || 'StartTimestamp' in value) return 'cdr';
  return 'RecordId' in value ? 'record' : 'RecordURL' in value ? 'voicemail' : null;
};

export const isPushAction = (action: string): action is PushAction => Object.hasOwn(readers, action);

export interface Intake {
  /** Resolves when what the push says is committed; throws `Unreadable`. */
  take(action: PushAction, body: Uint8Array, receipt?: string): Promise<void>;
  replay(letter: DeadLetter): Promise<void>;
}

interface Pushed extends TencentSource {
  /** Measured by pushes that come from ahead of our clock; null where answers of the API measure it. */
  pushClock: VendorClock | null;
  /** The pushes of one call come at the same time; each corrects the one before it, so they are applied one by one. */
  turns: Turns<never>;
}

const refuseOtherApplication = ({ settings }: Pushed, value: unknown): void => {
  const given = (value as { SdkAppId?: unknown } | null)?.SdkAppId;
  if (given !== undefined && given !== null && Number(given) !== settings.sdkAppId) {
    throw new Unreadable('of another application (SdkAppId); point its push at a source of its own', false);
  }
};

const recordContext = async ({ settings, openIdentity }: Pushed): Promise<RecordContext> => ({
  identity: await openIdentity(),
  keepMonths: settings.keepMonths,
});

interface PushBody {
  action: PushAction;
  body: Uint8Array;
  receipt?: string | undefined;
}

const takePush = async (pushed: Pushed, { action, body, receipt }: PushBody): Promise<void> => {
  const { context, pushClock, turns } = pushed;
  const asOfMs = context.clock.now();
  const value = readJsonBody(body);
  refuseOtherApplication(pushed, value);
  const push = readers[action](value);
  if (push.reportedMs !== null && push.reportedMs > asOfMs) pushClock?.noteEvent(push.reportedMs, asOfMs);
  const records = await recordContext(pushed);
  await turns.run(push.session, async () => {
    const observations = await push.observations(records, context.known);
    await context.observe({ observations, asOfMs, receipt });
  });
};

const replayRecord = async (pushed: Pushed, body: Uint8Array): Promise<void> => {
  const { context } = pushed;
  const detail = readShape(callDetail, readJsonBody(body));
  const stored = await context.known.recordingsOfCall(detail.SessionId);
  const observations = pulledObservations(detail, await recordContext(pushed), stored);
  await context.observe({ observations, asOfMs: context.clock.now() });
};

const replayLetter = async (pushed: Pushed, { kind, body }: DeadLetter): Promise<void> => {
  const source = pushed.settings.name;
  try {
    if (kind === 'DescribeTelCdr') return await replayRecord(pushed, body);
    const named = kind.replace(/^push ?/, '').toLowerCase();
    const action = named === '' ? (actionByBody(readJsonBody(body)) ?? '') : named;
    if (isPushAction(action)) return await takePush(pushed, { action, body });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new ExpectedError('INVALID_INPUT', `${source}: this ${kind} is still ${error.message}; it stays a dead letter.`);
  }
  throw new ExpectedError('INVALID_INPUT', `${source}: the kind "${kind}" of a dead letter is unknown; it stays a dead letter.`);
};

export const createIntake = (source: TencentSource, pushClock: VendorClock | null): Intake => {
  const pushed: Pushed = { ...source, pushClock, turns: createTurns() };
  return {
    take: (action, body, receipt) => takePush(pushed, { action, body, receipt }),
    replay: (letter) => replayLetter(pushed, letter),
  };
};
