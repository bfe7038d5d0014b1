/** The fields of the CC-Gateway's answers and events that are used. A field may be a number in one version and a string in another. */
import * as z from 'zod';
import { epochMsByMagnitude } from '../kit/index.ts';

const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);
/** An empty word says as little as an absent one. */
const optionalWord = word.nullish().transform((value) => (value === undefined || value === '' ? null : value));
const number = z.coerce.number();
const optionalNumber = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => (value === null || value === undefined || value === '' || !Number.isFinite(Number(value)) ? null : Number(value)));

/** Epoch milliseconds, which some versions send in seconds; 0 and what is no time count as absent. */
const moment = optionalNumber.transform((value) =>
  value !== null && value > 0 && value <= 8_640_000_000_000_000 ? epochMsByMagnitude(value) : null,
);

/** The envelope of every answer; `event` is there only in answers to a poll. */
export const envelope = z.looseObject({ retcode: word, result: z.unknown().optional(), event: z.unknown().optional() });
export type Envelope = z.infer<typeof envelope>;

/** One event, polled or pushed. */
export const gatewayEvent = z.looseObject({
  eventType: z.string().min(1),
  workNo: optionalWord,
  content: z.unknown().optional(),
  eventGenTime: moment,
});
export type GatewayEvent = z.infer<typeof gatewayEvent>;

export const pushBody = z.looseObject({ workNo: optionalWord, eventList: z.array(z.unknown()) });
export type PushBody = z.infer<typeof pushBody>;

/** Enumeration A of the agent states; the table calls the result an array, the example shows an object. */
export const agentStatusResult = z
  .union([z.array(z.unknown()).transform((list) => list[0]), z.unknown()])
  .pipe(z.looseObject({ agentState: number, isWorking: z.union([z.boolean(), z.string()]).nullish() }))
  .transform(({ agentState, isWorking }) => ({ agentState, isWorking: isWorking === true || isWorking === 'true' }));

export const callIdsResult = z
  .union([z.array(word), z.literal(''), z.looseObject({}), z.null(), z.undefined()])
  .transform((value) => (Array.isArray(value) ? value : []));

export const callInfoResult = z.looseObject({
  callfeature: optionalWord,
  caller: optionalWord,
  called: optionalWord,
  callskill: optionalWord,
  begintime: moment,
});

/** A success may bring `{}`, "", a list or nothing instead of the task. */
export const startRecordResult = z
  .union([z.looseObject({ taskId: optionalWord }), z.array(z.unknown()), z.literal('')])
  .nullish()
  .transform((result) => (result && 'taskId' in result ? result.taskId : null));

/** Enumeration C is in `state`; only the serial of the running recording is read. */
export const syncResult = z.looseObject({ agentStateInfo: z.looseObject({ recordID: optionalWord }) });

/** The content of a call event: the id is spelled `callid` or `callId`, and some events hold nothing but the id. */
export const callContent = z.union([
  word.transform((callId) => ({
    callId: callId === '' ? null : callId,
    caller: null,
    called: null,
    feature: null,
    skillName: null,
    otherPhone: null,
    number: null,
  })),
  z
    .looseObject({
      callid: optionalWord,
      callId: optionalWord,
      caller: optionalWord,
      called: optionalWord,
      feature: optionalWord,
      skillName: optionalWord,
      otherPhone: optionalWord,
      number: optionalWord,
    })
    .transform((content) => ({ ...content, callId: content.callid ?? content.callId })),
]);
export type CallContent = z.infer<typeof callContent>;

/** The content of AgentMediaEvent_Record and AgentMediaEvent_Record_Fail. */
export const recordContent = z.looseObject({
  taskId: optionalWord,
  caller: optionalWord,
  called: optionalWord,
  recordID: optionalWord,
  fileName: optionalWord,
  locationId: optionalWord,
  fileMediaType: optionalWord,
  callId: optionalWord,
});

/** The content of AgentMediaEvent_StopRecordDone: no file name ever, and no call before 2026. */
export const stopRecordContent = z.looseObject({
  taskId: optionalWord,
  beginTime: moment,
  endTime: moment,
  recordFormat: optionalWord,
  fileMediaType: optionalWord,
  callId: optionalWord,
});

/** Payloads of the screen events are in no published page; any field that names the recording is used. */
export const screenContent = z
  .union([z.looseObject({ taskId: optionalWord, recordID: optionalWord, fileName: optionalWord, callId: optionalWord }), z.unknown()])
  .transform(
    (content) => (content ?? {}) as { taskId?: string | null; recordID?: string | null; fileName?: string | null; callId?: string | null },
  );
