import * as z from 'zod';
import { anyCaseObject } from '../kit/index.ts';

/** Absent, null, blank and of another type are the same: null. */
const filledText = z.union([z.string(), z.number()]).transform((value) => String(value).trim() || null);
const text = filledText.nullish().catch(null);
const flag = z.boolean().nullish().catch(null);
const word = z
  .union([filledText, anyCaseObject({ Name: filledText }).transform(({ Name }) => Name)])
  .nullish()
  .catch(null);
const callId = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);

/** An item of a list that is not of the documented shape, and where. */
export interface UnreadableItem {
  item: unknown;
  place: string;
}

export interface List<T> {
  items: readonly T[];
  unreadable: readonly UnreadableItem[];
}

/** Reads a list of which one item that cannot be read spoils no other; null is an empty one. */
export type ListSchema<T> = z.ZodType<List<T>>;

const listOf = <T>(item: z.ZodType<T>): ListSchema<T> =>
  z
    .array(z.unknown())
    .nullable()
    .transform((shown) => {
      const items: T[] = [];
      const unreadable: UnreadableItem[] = [];
      for (const [index, one] of (shown ?? []).entries()) {
        const { success, data, error } = item.safeParse(one);
        if (success) items.push(data);
        else unreadable.push({ item: one, place: [index, ...(error.issues[0]?.path ?? [])].join('.') });
      }
      return { items, unreadable };
    });

/** An item of the recordings of an agent or a queue. Versions from 7.0 on name the queue; only the call's id is certain. */
const queueRecording = anyCaseObject({
  QueueCallId: callId,
  ConversationStartedUtc: text,
  ConversationEndedUtc: text,
  AgentName: text,
  AgentId: text,
  RecordingFileName: text,
  Caller: text,
  QueueId: text,
  QueueName: text,
  /** `QueueCall` or `CallbackCall`. */
  QueueCallType: text,
  Culture: text,
});
export type QueueRecording = z.infer<typeof queueRecording>;
export const queueRecordings = listOf(queueRecording);

/** An item of the recorded direct calls of a user; `Id` numbers another space than `QueueCallId`. */
const userRecording = anyCaseObject({
  Id: callId,
  UserName: text,
  UserId: text,
  ConversationStartedUtc: text,
  ConversationEndedUtc: text,
  RecordingFileName: text,
  Caller: text,
});
export type UserRecording = z.infer<typeof userRecording>;
export const userRecordings = listOf(userRecording);

/** An agent of an overview. The vendor's field table was not to be had past the name, so both spellings of each are read. */
export const overviewAgent = anyCaseObject({
  AgentId: text,
  Id: text,
  AgentName: text,
  Name: text,
  AgentForename: text,
  AgentSurname: text,
  AgentEmail: text,
  Email: text,
  AgentSipUri: text,
  SipUri: text,
  AgentSyncId: text,
  SyncId: text,
  AgentPhone: text,
  Phone: text,
  AgentDepartmentName: text,
  DepartmentName: text,
  AgentStatus: word,
  AgentStatusName: word,
  StatusName: word,
  StatusText: word,
  AgentStateName: word,
  StateName: word,
  Status: word,
  AgentState: word,
  State: word,
  AgentLoggedIn: flag,
  IsLoggedIn: flag,
  LoggedIn: flag,
}).refine((agent) => (agent.AgentId ?? agent.Id ?? null) !== null, { path: ['AgentId'], error: 'is missing' });
export type OverviewAgent = z.infer<typeof overviewAgent>;
export const overview = listOf(overviewAgent);

/** The queue call that an agent is offered or has answered. */
export const busyCall = anyCaseObject({
  AgentId: text,
  AgentName: text,
  QueueCallId: text,
  QueueId: text,
  QueueName: text,
  QueueCallType: text,
  Caller: text,
  QueueCallState: word,
  QueueCallStatus: word,
  CallState: word,
  CallStatus: word,
  State: word,
  Status: word,
  IsAnswered: flag,
  Answered: flag,
  OfferedUtc: text,
  AnsweredUtc: text,
  ConversationStartedUtc: text,
});
export type BusyCall = z.infer<typeof busyCall>;

const queue = anyCaseObject({ Id: callId, Name: text });
export type Queue = z.infer<typeof queue>;
export const queues = listOf(queue);
