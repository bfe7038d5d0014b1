/** From the gateway's media events to recordings. An end names only its task, so that what a task writes is kept here. Pure. */

import { type Interval, instant, type Recording, type RecordingKind, reported } from '../kit/index.ts';
import { readScreenEvent } from './screen.ts';
import { type MediaContext, type MediaReading, putTask, type Task, type Tasks } from './tasks.ts';
import { offByOf } from './time-errors.ts';
import { type GatewayEvent, recordContent, stopRecordContent } from './wire.ts';

/** RSE video names conferences where others name a file; third-party video ends in .mp4. */
export const kindOf = (fileMediaType: string | null, fileName: string): RecordingKind =>
  fileMediaType === '2' || /\.mp4$/i.test(fileName) || fileName.startsWith('conferenceId=') ? 'VIDEO' : 'AUDIO';

export const recordFailEvent = 'AgentMediaEvent_Record_Fail';
export const recordFailure = (agent: string): string =>
  `The gateway accepted the recording of agent ${agent} and then reported that it failed; it gives no cause.`;

const only = <T>(list: readonly T[]): T | null => (list.length === 1 ? list[0]! : null);
const isScreen = (recording: Recording) => recording.kind === 'SCREEN';

/** The gateway may use a task id again after a restart: an ended task of the same id is another task. */
const openTask = (tasks: Tasks, id: string): Task | null => tasks.find((task) => task.id === id && task.endMs === null) ?? null;

/** Returns the id that a recording had before its file name was known; null where it keeps its id. */
const formerIdOf = (before: Task | null, recording: string): string | null =>
  before?.temporary && before.recording !== recording ? before.recording : null;

export const sameFile = (left: string, right: string) =>
  left.replaceAll('\\', '/').toLowerCase() === right.replaceAll('\\', '/').toLowerCase();

const readRecord = (event: GatewayEvent, { agent, atMs, tasks, replacing }: MediaContext): MediaReading => {
  const content = recordContent.parse(event.content ?? {});
  const id = content.taskId ?? `${agent}-${atMs}`;
  const fileName = content.fileName;
  const known = tasks.find((task) => task.id === id) ?? null;
  const isAnother = known !== null && known.endMs !== null && !known.temporary && fileName !== null && !sameFile(fileName, known.recording);
  const before = isAnother ? null : known;
  const ended = before !== null && before.endMs !== null;
  const news = before === null || (!before.running && !ended);
  const isReplaced = news && fileName !== null && replacing.some((name) => sameFile(name, fileName));
  const replaced = isReplaced ? (tasks.find((one) => sameFile(one.recording, fileName))?.recording ?? fileName) : null;
  // A resumed recording keeps its id, even where the gateway spells its path otherwise the second time; so does one that is replaced.
  const recording = before !== null && !before.temporary ? before.recording : (replaced ?? fileName ?? before?.recording ?? id);
  const task: Task = {
    id,
    recording,
    temporary: fileName === null && (before?.temporary ?? true),
    call: content.callId ?? before?.call ?? null,
    running: true,
    // Until the event of its end has the exact time.
    beginMs: before?.beginMs ?? atMs,
    endMs: before?.endMs ?? null,
  };
  const others = tasks.filter((one) => one.recording === recording && one.id !== id);
  const earlier = replaced === null ? others.filter(({ running }) => running) : [];
  const continues = earlier.length > 0;
  return {
    tasks: putTask(replaced === null ? tasks : tasks.filter((one) => !others.includes(one)), task),
    observations: [
      {
        type: 'recording',
        ...(news ? { resumed: true } : {}),
        recording: {
          externalId: recording,
          kind: kindOf(content.fileMediaType, fileName ?? ''),
          party: 'MIXED',
          agent,
          ...reported({
            call: content.callId,
            fileName,
            formerId: formerIdOf(before, recording),
            state: ended ? null : ('RECORDING' as const),
            vendorState: ended ? null : event.eventType,
            segments: news && continues && earlier.every(({ beginMs }) => beginMs !== null) ? segmentsOf([...earlier, task]) : null,
            startedAt: news && !continues ? instant(atMs) : null,
          }),
          ...(news ? { endedAt: null } : {}),
          // The former contents of the file are gone.
          ...(replaced === null ? {} : { segments: segmentsOf([task]), durationMs: null }),
          vendorData: {
            taskId: id,
            locationId: content.locationId,
            recordID: content.recordID,
            fileMediaType: content.fileMediaType,
            callId: content.callId,
          },
        },
      },
    ],
  };
};

const readFailure = (event: GatewayEvent, { agent, atMs, tasks }: MediaContext): MediaReading => {
  const content = recordContent.parse(event.content ?? {});
  const id = content.taskId ?? `${agent}-${atMs}`;
  const before = openTask(tasks, id);
  const recording = before !== null && !before.temporary ? before.recording : (content.fileName ?? before?.recording ?? id);
  // The file still holds what an earlier task wrote to it.
  const kept = tasks.some((task) => task.id !== id && task.recording === recording && task.running);
  return {
    tasks: putTask(tasks, { id, recording, temporary: false, call: content.callId, running: false, beginMs: atMs, endMs: atMs }),
    observations: [
      {
        type: 'recording',
        recording: {
          externalId: recording,
          state: kept ? 'STOPPED' : 'FAILED',
          vendorState: event.eventType,
          agent,
          ...(kept ? {} : { kind: kindOf(content.fileMediaType, content.fileName ?? ''), party: 'MIXED' as const, endedAt: instant(atMs) }),
          ...reported({ call: content.callId, fileName: content.fileName, formerId: formerIdOf(before, recording) }),
        },
      },
      {
        type: 'commandFailed',
        agent,
        operations: ['START_RECORDING'],
        recording,
        message: recordFailure(agent),
        vendorCode: event.eventType,
      },
    ],
  };
};

/** The file that a start, or its failure, names. */
export const fileNameOf = (event: GatewayEvent): string | null => {
  if (event.eventType !== 'AgentMediaEvent_Record' && event.eventType !== recordFailEvent) return null;
  const read = recordContent.safeParse(event.content ?? {});
  return read.success ? read.data.fileName : null;
};

/** No event is sent this long after what it reports. */
const otherClockMs = 1_800_000;
/** Returns the end of a recording by the gateway's clock, where the event has it. */
export const endTimeOf = (event: GatewayEvent): number | null => {
  if (event.eventType !== 'AgentMediaEvent_StopRecordDone') return null;
  const read = stopRecordContent.safeParse(event.content ?? {});
  return read.success ? read.data.endTime : null;
};

/** Returns the interval in which a task wrote; open where its end was not reported. */
const segmentsOf = (parts: readonly Task[]): readonly Interval[] =>
  parts
    .flatMap(({ beginMs, endMs }) =>
      beginMs === null ? [] : [{ startsAt: instant(beginMs), endsAt: endMs === null ? null : instant(endMs) }],
    )
    .toSorted((left, right) => (left.startsAt < right.startsAt ? -1 : 1));

const readEnd = (event: GatewayEvent, { agent, atMs, tasks, live, toOurs, clockErrorMs }: MediaContext): MediaReading => {
  const content = stopRecordContent.parse(event.content ?? {});
  // Another task is known to write what it writes: the end of one whose beginning was lost is not its end.
  const isOfAnother = ({ externalId }: Recording) =>
    content.taskId !== null &&
    tasks.some(({ id, recording, endMs }) => recording === externalId && id !== content.taskId && endMs === null);
  const spoken = live.filter((recording) => !isScreen(recording) && !isOfAnother(recording));
  const task = content.taskId === null ? null : (tasks.find(({ id }) => id === content.taskId) ?? null);
  const guess =
    (content.callId === null ? null : only(spoken.filter(({ call }) => call === content.callId)))?.externalId ?? only(spoken)?.externalId;
  const recording = task?.recording ?? guess ?? content.taskId ?? `${agent}-${atMs}`;
  // An end after its event, or hours before it, is of another clock than the event's.
  const aheadMs = content.endTime === null ? 0 : toOurs(content.endTime) - atMs;
  const offMs = aheadMs > 0 || (event.eventGenTime !== null && aheadMs < -otherClockMs) ? aheadMs : 0;
  const endMs = content.endTime === null ? atMs : toOurs(content.endTime) - offMs;
  const beginMs = content.beginTime === null ? (task?.beginMs ?? null) : Math.min(toOurs(content.beginTime) - offMs, endMs);
  const offByMs = offByOf(event, content, {
    reportedBeginMs: content.beginTime === null ? null : toOurs(content.beginTime),
    reportedEndMs: content.endTime === null ? null : toOurs(content.endTime),
    begunMs: task?.endMs === null ? task.beginMs : null,
    atMs,
    clockErrorMs,
  });
  const id = content.taskId ?? recording;
  const call = content.callId ?? task?.call ?? null;
  const temporary = task?.temporary ?? (guess === undefined && content.taskId !== null);
  const next = putTask(tasks, { id, recording, temporary, call, running: true, beginMs, endMs, ...(offByMs > 0 ? { offByMs } : {}) });
  const parts = next.filter((one) => one.recording === recording && one.running);
  const begins = parts.flatMap((part) => part.beginMs ?? []);
  const stillWritten = parts.some((part) => part.endMs === null);
  const maxOffByMs = Math.max(0, ...parts.map((part) => part.offByMs ?? 0));
  const spans = parts.flatMap((part) => (part.beginMs === null || part.endMs === null ? [] : Math.max(0, part.endMs - part.beginMs)));
  return {
    tasks: next,
    observations: [
      {
        type: 'recording',
        recording: {
          externalId: recording,
          agent,
          ...(stillWritten
            ? {}
            : {
                state: 'STOPPED' as const,
                vendorState: event.eventType,
                endedAt: instant(Math.max(endMs, ...parts.flatMap((part) => part.endMs ?? []))),
              }),
          ...reported({
            startedAt: begins.length === 0 ? null : instant(Math.min(...begins)),
            segments: parts.length > 1 && begins.length === parts.length ? segmentsOf(parts) : null,
            timesOffByMs: maxOffByMs === 0 ? null : maxOffByMs,
            durationMs: spans.length === 0 ? null : spans.reduce((sum, span) => sum + span, 0),
            call,
            party: task === null && guess === undefined ? ('MIXED' as const) : null,
          }),
          vendorData: { taskId: id, ...reported({ recordFormat: content.recordFormat }) },
        },
      },
    ],
  };
};

/** Returns the observations of recordings in a media event; null for any other event. Throws where its content is of no known shape. */
export const readMediaEvent = (event: GatewayEvent, context: MediaContext): MediaReading | null => {
  if (event.eventType === 'AgentMediaEvent_Record') return readRecord(event, context);
  if (event.eventType === recordFailEvent) return readFailure(event, context);
  if (event.eventType === 'AgentMediaEvent_StopRecordDone') return readEnd(event, context);
  return readScreenEvent(event, context);
};
