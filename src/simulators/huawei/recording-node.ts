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

interface RecordingNode {
  /** All that was recorded, oldest first: what is in no segment was masked. */
  readonly segments: readonly RecordedSegment[];
  recordingOf(workNo: string): RecordedSegment | null;
  start(workNo: string, options: { fileName?: string | undefined; byClient: boolean; call: RecordedCall | null }): RecordedSegment;
  stop(workNo: string): RecordedSegment | null;
  /** The platform records a call as video, which no command stops, until the call ends. */
  recordVideo(workNo: string, call: RecordedCall | null): RecordedSegment;
  /** Ends what records the call. */
  endCall(workNo: string, callId: string): void;
}

const digits = (value: number, length: number) => String(value).padStart(length, '0');

export const createRecordingNode = (clock: Clock, switches: HuaweiSwitches, emit: Emit): RecordingNode => {
  const running = new Map<string, RecordedSegment>();
  const videos = new Map<string, RecordedSegment>();
  const segments: RecordedSegment[] = [];
  let lastTask = 5085;
  const later = (ms: number, work: () => void) => (ms > 0 ? void clock.after(ms, work) : work());

  const newFile = (workNo: string): string => {
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
  const reportedTime = (ms: number): number => {
    const ofRecorder = ms + switches.recorderAheadMs;
    return switches.timesInSeconds ? Math.floor(ofRecorder / 1000) : ofRecorder;
  };
  const emitEnd = (segment: RecordedSegment): void =>
    emit(segment.workNo, 'AgentMediaEvent_StopRecordDone', {
      beginTime: reportedTime(segment.beginMs),
      endTime: reportedTime(segment.endMs!),
      fileMediaType: segment.mediaType,
      taskId: segment.taskId,
      ...(switches.stopRecordDone >= 2025 ? { recordFormat: '3' } : {}),
      ...(switches.stopRecordDone >= 2026 ? { callId: segment.callId } : {}),
    });

  const start: RecordingNode['start'] = (workNo, { fileName, byClient, call }) => {
    lastTask += 1;
    const file = fileName ?? newFile(workNo);
    const segment: RecordedSegment = {
      taskId: lastTask,
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
      later(switches.recordDelayMs, () =>
        emit(workNo, 'AgentMediaEvent_Record_Fail', { ...recordContent(segment, call), locationId: '65535' }),
      );
      return segment;
    }
    running.set(workNo, segment);
    later(switches.recordDelayMs, () => {
      if (segment.endMs !== null) return;
      segment.beginMs = clock.now();
      segments.push(segment);
      emit(workNo, 'AgentMediaEvent_Record', recordContent(segment, call));
    });
    return segment;
  };

  const stop: RecordingNode['stop'] = (workNo) => {
    const segment = running.get(workNo);
    if (!segment) return null;
    running.delete(workNo);
    later(switches.recordDelayMs, () => {
      segment.endMs = clock.now();
      emitEnd(segment);
    });
    return segment;
  };

  const recordVideo: RecordingNode['recordVideo'] = (workNo, call) => {
    lastTask += 1;
    const segment: RecordedSegment = {
      taskId: lastTask,
      workNo,
      callId: call?.callId ?? '',
      fileName: newFile(workNo).replace('.V3', '.mp4'),
      recordId: `Yc1v6a${workNo}d${lastTask}.`,
      beginMs: clock.now(),
      endMs: null,
      byClient: false,
      mediaType: '2',
    };
    videos.set(workNo, segment);
    segments.push(segment);
    emit(workNo, 'AgentMediaEvent_Record', recordContent(segment, call));
    return segment;
  };

  const endVideo = (workNo: string): void => {
    const segment = videos.get(workNo);
    if (!segment) return;
    videos.delete(workNo);
    segment.endMs = clock.now();
    emitEnd(segment);
  };

  return {
    segments,
    recordingOf: (workNo) => running.get(workNo) ?? null,
    start,
    stop,
    recordVideo,
    endCall: (workNo, callId) => {
      if (running.get(workNo)?.callId === callId) stop(workNo);
      if (videos.get(workNo)?.callId === callId) endVideo(workNo);
    },
  };
};
