/** From the gateway's media events to recordings. An end names only its task, so that what a task writes is kept here. Pure. */

import type * as z from 'zod';
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

type StartContent = z.output<typeof recordContent>;

/** The task that a start tells of, and what was known of it before. */
interface StartedTask {
  task: Task;
  before: Task | null;
  /** True if it was not known to run, or to have run. */
  isNew: boolean;
  /** The recording whose contents it replaces; null where it replaces none. */
  replaced: string | null;
}

const startedTask = (content: StartContent, { agent, atMs, tasks, replacing }: MediaContext): StartedTask => {
  const id = content.taskId ?? `${agent}-${atMs}`;
  const { fileName } = content;
  const known = tasks.find((task) => task.id === id) ?? null;
  const isAnother = known !== null && known.endMs !== null && !known.temporary && fileName !== null && !sameFile(fileName, known.recording);
  const before = isAnother ? null : known;
  const isNew = before === null || (!before.running && before.endMs === null);
  const isReplaced = isNew && fileName !== null && replacing.some((name) => sameFile(name, fileName));
  const replaced = isReplaced ? (tasks.find((one) => sameFile(one.recording, fileName))?.recording ?? fileName) : null;
  const task: Task = {
    id,
    // A resumed recording keeps its id, even where the gateway spells its path otherwise the second time; so does one that is replaced.
    recording: before !== null && !before.temporary ? before.recording : (replaced ?? fileName ?? before?.recording ?? id),
    temporary: fileName === null && (before?.temporary ?? true),
    call: content.callId ?? before?.call ?? null,
    running: true,
    // Until the event of its end has the exact time.
    beginMs: before?.beginMs ?? atMs,
    endMs: before?.endMs ?? null,
  };
  return { task, before, isNew, replaced };
};

const readRecord = (event: GatewayEvent, context: MediaContext): MediaReading => {
  const { agent, atMs, tasks } = context;
  const content = recordContent.parse(event.content ?? {});
  const { fileName, callId, locationId, recordID, fileMediaType } = content;
  const { task, before, isNew, replaced } = startedTask(content, context);
  const hasEnded = task.endMs !== null;
  const others = tasks.filter((one) => one.recording === task.recording && one.id !== task.id);
  const earlier = replaced === null ? others.filter(({ running }) => running) : [];
  const continues = earlier.length > 0;
  const recording = {
    externalId: task.recording,
    kind: kindOf(fileMediaType, fileName ?? ''),
    party: 'MIXED' as const,
    agent,
    ...reported({
      call: callId,
      fileName,
      formerId: formerIdOf(before, task.recording),
      state: hasEnded ? null : ('RECORDING' as const),
      vendorState: hasEnded ? null : event.eventType,
      segments: isNew && continues && earlier.every(({ beginMs }) => beginMs !== null) ? segmentsOf([...earlier, task]) : null,
      startedAt: isNew && !continues ? instant(atMs) : null,
    }),
    ...(isNew ? { endedAt: null } : {}),
    // The former contents of the file are gone.
    ...(replaced === null ? {} : { segments: segmentsOf([task]), durationMs: null }),
    vendorData: { taskId: task.id, locationId, recordID, fileMediaType, callId },
  };
  return {
    tasks: putTask(replaced === null ? tasks : tasks.filter((one) => !others.includes(one)), task),
    observations: [{ type: 'recording', ...(isNew ? { resumed: true } : {}), recording }],
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
