/** The fields of the Recording API that are used. Texts may come as numbers, and what is empty or absent is read as null. */
import { z } from 'zod';

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
    const told = String(value);
    return told.trim() === '' ? null : told;
  });

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

const recording = z.object({
  RecordingIdentifier: text,
  IsDuplicate: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
  RecordingState: text,
});

/** The vendor writes `ScreenRecordingidentifier`; the spelling that one would expect is read as well. */
const screenRecording = z
  .object({ ScreenRecordingidentifier: text, ScreenRecordingIdentifier: text, RecordingState: text })
  .transform(({ ScreenRecordingidentifier, ScreenRecordingIdentifier, RecordingState }) => ({
    identifier: ScreenRecordingidentifier ?? ScreenRecordingIdentifier,
    RecordingState,
  }));

/** What an item looks like is not documented: taken for a screen recording where it is an object, for its identifier where it is a text. */
const desktopOnlySession = z.union([screenRecording, text.transform((identifier) => ({ identifier, RecordingState: null }))]);

const call = z.object({
  CallInstance: z.string().min(1),
  Metadata: metadata,
  CallState: text,
  Recordings: list(recording),
  ScreenRecordings: list(screenRecording),
});

const agent = z.object({
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
});

/** The answer to `GET /api/Agent`. */
export const agentAnswer = agent.nullable();
/** The answer to `GET /api/Agent/GetAll`. */
export const agentListAnswer = z.array(agent);

export type WireAgent = z.output<typeof agent>;
export type WireCall = z.output<typeof call>;
export type WireRecording = z.output<typeof recording>;
export type WireScreenRecording = z.output<typeof screenRecording>;

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
