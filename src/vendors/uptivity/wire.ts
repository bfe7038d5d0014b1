/** The fields of the Recording API that are used. Texts may come as numbers, and what is empty or absent is read as null. */
import * as z from 'zod';
import { anyCaseObject } from '../kit/index.ts';

/** One step instead of a union of three: an answer has a dozen of these an agent. */
const text = z
  .unknown()
  .optional()
  .transform((value, context): string | null => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'object') {
      context.issues.push({ code: 'invalid_type', expected: 'string', input: value });
      return z.NEVER;
    }
    const text = String(value);
    return text.trim() === '' ? null : text;
  });

/** Words that stand where an identifier is not set: zero, a GUID of zeros, the vendor's `-1`. Two things that have them are not one. */
const unset = /^(?:-1|[-0{}()]+)$/;
const identifierOf = (value: string | null): string | null => (value === null || unset.test(value.trim()) ? null : value);
const identifier = text.transform(identifierOf);

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const metadata = z
  .unknown()
  .optional()
  .transform((entries, context): { key: string; value: string }[] => {
    if (entries === null || entries === undefined) return [];
    if (
      typeof entries !== 'object' ||
      Array.isArray(entries) ||
      Object.values(entries).some((value) => typeof value === 'object' && value !== null)
    ) {
      context.issues.push({ code: 'invalid_type', expected: 'record', input: entries });
      return z.NEVER;
    }
    return Object.entries(entries).map(([key, value]) => ({ key, value: value === null ? '' : String(value) }));
  });

const recording = anyCaseObject({
  RecordingIdentifier: identifier,
  IsDuplicate: text.transform((word) => word?.toLowerCase() === 'true' || word === '1'),
  RecordingState: text,
});

const screenRecording = anyCaseObject({ ScreenRecordingidentifier: identifier, RecordingState: text }).transform(
  ({ ScreenRecordingidentifier, RecordingState }) => ({ identifier: ScreenRecordingidentifier, RecordingState }),
);

/**
 * The shape of an item is not documented: an object is read as a screen recording, a text as its identifier.
 * A session is there, whatever else it is.
 */
const desktopOnlySession = z
  .union([screenRecording, identifier.transform((given) => ({ identifier: given, RecordingState: null }))])
  .catch({ identifier: null, RecordingState: null });

const call = anyCaseObject({
  CallInstance: identifier,
  Metadata: metadata,
  CallState: text,
  Recordings: list(recording),
  ScreenRecordings: list(screenRecording),
});

type ReadCall = z.output<typeof call>;

const metadataOf = ({ Metadata }: ReadCall, key: string): string | null =>
  Metadata.find((entry) => entry.key.toLowerCase() === key)?.value.trim() || null;

/** The call with what names it: where the vendor does not set `CallInstance` its `callid`, else device and start. Null where nothing does. */
const namedCall = (given: ReadCall, device: string | null) => {
  const start = metadataOf(given, 'starttime');
  const place = metadataOf(given, 'deviceid') ?? device;
  const CallInstance =
    given.CallInstance ?? identifierOf(metadataOf(given, 'callid')) ?? (place !== null && start !== null ? `${place}@${start}` : null);
  return CallInstance === null ? null : { ...given, CallInstance };
};

const agent = anyCaseObject({
  AgentId: z.union([z.number(), z.string().min(1)]).transform(String),
  BusinessUnit: text,
  AgentPhone: text,
  SystemUsername: text,
  CrmUsername: text,
  Username: text,
  DeviceId: text,
  DeviceAlias: text,
  ActiveCall: call.nullish().transform((value) => value ?? null),
  InactiveCalls: list(call),
  DesktopOnlySessions: list(desktopOnlySession),
}).transform((read, context) => {
  const device = read.DeviceId ?? read.AgentPhone;
  const active = read.ActiveCall && namedCall(read.ActiveCall, device);
  const inactive = read.InactiveCalls.map((one) => namedCall(one, device));
  if ((read.ActiveCall !== null && active === null) || inactive.includes(null)) {
    context.addIssue({ code: 'custom', path: ['ActiveCall', 'CallInstance'], message: 'names no call' });
    return z.NEVER;
  }
  return { ...read, ActiveCall: active, InactiveCalls: inactive.filter((one) => one !== null) };
});

/** The answer to `GET /api/Agent`. */
export const agentAnswer = agent.nullable();
/** The answer to `GET /api/Agent/GetAll`, its agents not read yet. */
export const agentListAnswer = z.array(z.unknown()).nullable();
/** One of its agents. */
export const listedAgent = agent;
/** The identifying fields of an entry that cannot be read. */
export const agentIdentity = anyCaseObject({ AgentId: z.union([z.number(), z.string().min(1)]).transform(String) });

export type WireAgent = z.output<typeof agent>;
export type WireCall = NonNullable<WireAgent['ActiveCall']>;

/** The words of `AgentIdentifier`. The vendor's list says "Agent ID", its examples all send `Id`. */
export type WireAgentIdentifier = 'Id' | 'Phone' | 'SystemUsername' | 'CrmUsername' | 'Username';

/** The body of the ten commands; each sends the two required fields and those of its own. */
export interface WireCommand {
  AgentIdentifier: WireAgentIdentifier;
  /** A string for every identifier, `Id` included. */
  Value: string;
  CallMetadata?: Record<string, string>;
  CallIdentifier?: string;
  BlackoutStartTime?: string;
  BlackoutStopTime?: string;
  TimeOffset?: number;
}
