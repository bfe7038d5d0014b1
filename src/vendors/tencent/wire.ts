/**
 * The messages of Tencent that are used: data pushes (`…Push`) and the answers of API version 2020-02-10. The vendor's pages and
 * samples disagree on types, so numbers may come as strings and the other way round, and anything may be null or absent.
 */
import * as z from 'zod';

/** Null for absent, null and empty. */
const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined || value === '' ? null : String(value)));

/** An identifier: text that must be there. */
const id = z.union([z.string().min(1), z.number()]).transform(String);

const number = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^-?\d*$/),
  ])
  .nullish()
  .transform((value) => (value === null || value === undefined || String(value).trim() === '' ? null : Number(value)));

/** Epoch milliseconds. The vendor counts seconds (a few fields milliseconds) and writes 0 for what did not happen. */
const time = number.transform((value) => (value === null || value <= 0 ? null : value >= 100_000_000_000 ? value : value * 1000));

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .union([z.array(item), z.literal('')])
    .nullish()
    .transform((value) => value || []);

/** A field that only describes a call: one of unknown shape is left out, and the call is kept. */
const remark = text.catch(null);

const texts = listOf(text).transform((value) => value.filter((one) => one !== null));

/** A pressed key; samples write `key` and `label`, the tables `Key` and `Label`. */
const pressedKey = z
  .union([
    z.object({ Key: text, Label: text, key: text, label: text }).transform((one) => ({
      key: one.Key ?? one.key,
      label: one.Label ?? one.label,
    })),
    text.transform((key) => ({ key, label: null })),
  ])
  .transform(({ key, label }) => ({ key, label }));
const pressedKeys = listOf(pressedKey).catch([]);

/** Some writers say "nobody" with an empty word or list. */
const nobody = z.union([z.literal(''), z.array(z.never()).max(0)]);

const seatUser = z
  .union([z.object({ Mail: text, Name: text, Nick: text, Phone: text, UserId: text, StaffNumber: text }), nobody.transform(() => null)])
  .nullish()
  .transform((value) => value ?? null);

const participant = z.object({
  Sequence: number,
  Mail: text,
  Phone: text,
  Type: text,
  RecordId: text,
  StartTimestamp: time,
  AcceptTimestamp: time,
  EndedTimestamp: time,
  /** Pull only. */
  RecordURL: text,
  CustomRecordURL: text,
});

const cdr = z.object({
  SessionId: id,
  Caller: text,
  Callee: text,
  ProtectedCaller: text,
  ProtectedCallee: text,
  Direction: number,
  CallType: number,
  SeatUser: seatUser,
  /** The start, in pulled records. */
  Time: time,
  StartTimestamp: time,
  AcceptTimestamp: time,
  EndedTimestamp: time,
  CallerLocation: remark,
  IVRKeyPressed: pressedKeys,
  IVRKeyPressedEx: pressedKeys,
  PostIVRKeyPressed: pressedKeys,
  HungUpSide: remark,
  ServeParticipants: listOf(participant),
  EndStatusString: text,
  QueuedSkillGroupName: text,
  SkillGroup: text,
  RecordId: text,
  UserRemark: remark,
  Remark: remark,
  Uui: remark,
  UUI: remark,
  /** Pull only. */
  RecordURL: text,
  CustomRecordURL: text,
  VoicemailRecordURL: texts,
});
export type CallDetail = z.output<typeof cdr>;

const pushed = { SdkAppId: number };

export const cdrPush = cdr.extend(pushed);
export const recordPush = z.object({
  ...pushed,
  RecordId: id,
  SessionId: id,
  Timestamp: time,
  EndpointUser: text,
  RecordURL: text,
  CustomRecordURL: text,
});
export type RecordPush = z.output<typeof recordPush>;

export const voicemailPush = z.object({ ...pushed, SessionId: id, Timestamp: time, EndpointUser: text, RecordURL: id });
export type VoicemailPush = z.output<typeof voicemailPush>;

/** The routing question that an IVR waits for. */
export const specifiedSeatQuestion = z.object({ RequestId: text });

/** Every answer of the API comes in this, errors too, with HTTP 200. */
export const envelope = z.object({
  Response: z.looseObject({ Error: z.object({ Code: z.string(), Message: text }).nullish(), RequestId: text }),
});

/** Records are read one by one with `callDetail`, so that one unreadable record does not hide the others. */
export const callDetailList = z.object({ TotalCount: number, TelCdrList: listOf(z.unknown()) });
export const callDetail = cdr;

export const sessionDetail = z.object({
  RecordURL: text,
  CustomRecordURL: text,
  VoicemailRecordURL: texts,
  ServeParticipants: listOf(participant),
});

const activeSession = z.object({
  SessionID: text,
  SessionId: text,
  Caller: text,
  Callee: text,
  ProtectedCaller: text,
  ProtectedCallee: text,
  StartTimestamp: time,
  AcceptTimestamp: time,
  StaffEmail: text,
  SessionStatus: text,
  Direction: number,
});
export type ActiveSession = z.output<typeof activeSession>;
export const activeSessionList = z.object({ Total: number, Sessions: listOf(activeSession) });

const staff = z.object({
  Name: text,
  Mail: text,
  Phone: text,
  Nick: text,
  StaffNumber: text,
  SkillGroupList: listOf(z.object({ SkillGroupName: text })),
});
export type Staff = z.output<typeof staff>;
export const staffList = z.object({ TotalCount: number, StaffList: listOf(staff) });

const staffStatus = z.object({ Email: text, Status: text, LastStatusTimestamp: time });
export type StaffStatus = z.output<typeof staffStatus>;
export const staffStatusList = z.object({ Metrics: listOf(staffStatus) });
