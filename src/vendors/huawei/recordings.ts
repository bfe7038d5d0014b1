/** From the gateway's media events to recordings. An end names only its task, so that what a task writes is kept here. Pure. */

import { instant, type RecordingKind, reported } from '../kit/index.ts';
import { readEnd } from './recording-end.ts';
import { readScreenEvent } from './screen.ts';
import { type MediaContext, type MediaReading, putTask, sameFile, segmentsOf, type Task } from './tasks.ts';
import { type GatewayEvent, recordContent } from './wire.ts';

/** RSE video names conferences where others name a file; third-party video ends in .mp4. */
export const kindOf = (fileMediaType: string | null, fileName: string): RecordingKind =>
  fileMediaType === '2' || /\.mp4$/i.test(fileName) || fileName.startsWith('conferenceId=') ? 'VIDEO' : 'AUDIO';

export const recordFailEvent = 'AgentMediaEvent_Record_Fail';
export const recordFailure = (agent: string): string =>
  `The gateway accepted the recording of agent ${agent} and then reported that it failed; it gives no cause.`;

/** The gateway may use a task id again after a restart: an ended task of the same id is another task. */
const openTask = (tasks: readonly Task[], id: string): Task | null => tasks.find((task) => task.id === id && task.endMs === null) ?? null;

/** Returns the id that a recording had before its file name was known; null where it keeps its id. */
const formerIdOf = (before: Task | null, recording: string): string | null =>
  before?.temporary && before.recording !== recording ? before.recording : null;

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

/** Returns the observations of recordings in a media event; null for any other event. Throws where its content is of no known shape. */
export const readMediaEvent = (event: GatewayEvent, context: MediaContext): MediaReading | null => {
  if (event.eventType === 'AgentMediaEvent_Record') return readRecord(event, context);
  if (event.eventType === recordFailEvent) return readFailure(event, context);
  if (event.eventType === 'AgentMediaEvent_StopRecordDone') return readEnd(event, context);
  return readScreenEvent(event, context);
};
