/** The node of the gateway that records: tasks, the files that they write, and the events that tell of them. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { HuaweiSwitches } from './switches.ts';

export type Emit = (workNo: string, eventType: string, content: unknown) => void;

interface RecordedCall {
  callId: string;
  caller: string;
  called: string;
}

/** One recording task: a segment that was recorded without a break. */
export interface RecordedSegment {
  taskId: number;
  workNo: string;
  callId: string;
  fileName: string;
  recordId: string;
  beginMs: number;
  endMs: number | null;
  /** True if a client started it, rather than the platform. */
  byClient: boolean;
  /** 1 voice, 2 video. */
  mediaType: '1' | '2';
}

export interface RecordingNode {
  clock: Clock;
  switches: HuaweiSwitches;
  emit: Emit;
  /** All that was recorded, oldest first: what is in no segment was masked. */
  segments: RecordedSegment[];
  /** The voice recording of each agent that runs. */
  running: Map<string, RecordedSegment>;
  /** The video recording of each agent that runs. */
  videos: Map<string, RecordedSegment>;
  lastTask: number;
}

export const createRecordingNode = (parts: Pick<RecordingNode, 'clock' | 'switches' | 'emit'>): RecordingNode => ({
  ...parts,
  segments: [],
  running: new Map(),
  videos: new Map(),
  lastTask: 5085,
});

const later = ({ clock }: RecordingNode, ms: number, work: () => void): void => (ms > 0 ? void clock.after(ms, work) : work());

const digits = (value: number, length: number) => String(value).padStart(length, '0');

/** The name of a file that does not exist yet. */
const newFile = ({ clock, segments }: RecordingNode, workNo: string): string => {
  const now = new Date(clock.now());
  const day = `${now.getUTCFullYear()}${digits(now.getUTCMonth() + 1, 2)}${digits(now.getUTCDate(), 2)}`;
  const time = `${digits(now.getUTCHours(), 2)}${digits(now.getUTCMinutes(), 2)}${digits(now.getUTCSeconds(), 2)}`;
  for (let turn = 0; ; turn += 1) {
    const name = `Y:/6/0/${day}/${workNo}/${time}${turn}.V3`;
    if (!segments.some(({ fileName }) => fileName === name)) return name;
  }
};

const recordContent = (segment: RecordedSegment, call: RecordedCall | null) => ({
  taskId: segment.taskId,
  caller: call?.caller ?? '',
  recordID: segment.recordId,
  called: call?.called ?? '',
  locationId: '256',
  fileName: segment.fileName,
  fileMediaType: segment.mediaType,
  callId: segment.callId,
});

/** A time by the clock of the node that records. */
const reportedTime = ({ recorderAheadMs, timesInSeconds }: HuaweiSwitches, ms: number): number => {
  const ofRecorder = ms + recorderAheadMs;
  return timesInSeconds ? Math.floor(ofRecorder / 1000) : ofRecorder;
};

const emitEnd = ({ switches, emit }: RecordingNode, segment: RecordedSegment): void =>
  emit(segment.workNo, 'AgentMediaEvent_StopRecordDone', {
    beginTime: reportedTime(switches, segment.beginMs),
    endTime: reportedTime(switches, segment.endMs!),
    fileMediaType: segment.mediaType,
    taskId: segment.taskId,
    recordFormat: switches.stopRecordDone >= 2025 ? '3' : undefined,
    callId: switches.stopRecordDone >= 2026 ? segment.callId : undefined,
  });

interface RecordingStart {
  /** A new file when absent. */
  fileName?: string | undefined;
  byClient: boolean;
  call: RecordedCall | null;
}

export const startRecording = (node: RecordingNode, workNo: string, { fileName, byClient, call }: RecordingStart): RecordedSegment => {
  const { clock, switches, emit } = node;
  node.lastTask += 1;
  const file = fileName ?? newFile(node, workNo);
  const segment: RecordedSegment = {
    taskId: node.lastTask,
    workNo,
    callId: call?.callId ?? '',
    fileName: file,
    recordId: `Yc1v6a${workNo}d${file.replace(/\D/g, '').slice(-15)}`,
    beginMs: clock.now(),
    endMs: null,
    byClient,
    mediaType: '1',
  };
  if (byClient && switches.recordFails) {
    later(node, switches.recordDelayMs, () =>
      emit(workNo, 'AgentMediaEvent_Record_Fail', { ...recordContent(segment, call), locationId: '65535' }),
    );
    return segment;
  }
  node.running.set(workNo, segment);
  later(node, switches.recordDelayMs, () => {
    if (segment.endMs !== null) return;
    segment.beginMs = clock.now();
    node.segments.push(segment);
    emit(workNo, 'AgentMediaEvent_Record', recordContent(segment, call));
  });
  return segment;
};

export const stopRecording = (node: RecordingNode, workNo: string): RecordedSegment | null => {
  const segment = node.running.get(workNo);
  if (!segment) return null;
  node.running.delete(workNo);
  later(node, node.switches.recordDelayMs, () => {
    segment.endMs = node.clock.now();
    emitEnd(node, segment);
  });
  return segment;
};

/** The platform records a call as video, which no command stops, until the call ends. */
export const recordVideo = (node: RecordingNode, workNo: string, call: RecordedCall | null): RecordedSegment => {
  node.lastTask += 1;
  const segment: RecordedSegment = {
    taskId: node.lastTask,
    workNo,
    callId: call?.callId ?? '',
    fileName: newFile(node, workNo).replace('.V3', '.mp4'),
    recordId: `Yc1v6a${workNo}d${node.lastTask}.`,
    beginMs: node.clock.now(),
    endMs: null,
    byClient: false,
    mediaType: '2',
  };
  node.videos.set(workNo, segment);
  node.segments.push(segment);
  node.emit(workNo, 'AgentMediaEvent_Record', recordContent(segment, call));
  return segment;
};

/** Ends what records the call. */
export const endRecordings = (node: RecordingNode, workNo: string, callId: string): void => {
  if (node.running.get(workNo)?.callId === callId) stopRecording(node, workNo);
  const video = node.videos.get(workNo);
  if (video?.callId !== callId) return;
  node.videos.delete(workNo);
  video.endMs = node.clock.now();
  emitEnd(node, video);
};
