/** From the gateway's event of an end, which names only its task, to the recording that it ends. Pure. */
import type * as z from 'zod';
import { instant, type Recording, reported } from '../kit/index.ts';
import { isScreen } from './screen.ts';
import { type MediaContext, type MediaReading, putTask, segmentsOf, type Task } from './tasks.ts';
import { offByOf } from './time-errors.ts';
import { type GatewayEvent, stopRecordContent } from './wire.ts';

const only = <T>(list: readonly T[]): T | null => (list.length === 1 ? list[0]! : null);

/** No event is sent this long after what it reports. */
const otherClockMs = 1_800_000;

/** Returns the end of a recording by the gateway's clock, where the event has it. */
export const endTimeOf = (event: GatewayEvent): number | null => {
  if (event.eventType !== 'AgentMediaEvent_StopRecordDone') return null;
  const read = stopRecordContent.safeParse(event.content ?? {});
  return read.success ? read.data.endTime : null;
};

type EndContent = z.output<typeof stopRecordContent>;

/** The recording that an end is of, by its task, or for want of it by what is known to be recorded; `isKnown` where either says so. */
const recordingOf = (content: EndContent, task: Task | null, { agent, atMs, tasks, live }: MediaContext) => {
  // Another task is known to write what it writes: the end of one whose beginning was lost is not its end.
  const isOfAnother = ({ externalId }: Recording) =>
    content.taskId !== null &&
    tasks.some(({ id, recording, endMs }) => recording === externalId && id !== content.taskId && endMs === null);
  const spoken = live.filter((recording) => !isScreen(recording) && !isOfAnother(recording));
  const ofCall = content.callId === null ? null : only(spoken.filter(({ call }) => call === content.callId));
  const guess = (ofCall ?? only(spoken))?.externalId;
  return {
    recording: task?.recording ?? guess ?? content.taskId ?? `${agent}-${atMs}`,
    isKnown: task !== null || guess !== undefined,
    temporary: task?.temporary ?? (guess === undefined && content.taskId !== null),
  };
};

interface EndOfTask {
  event: GatewayEvent;
  content: EndContent;
  task: Task | null;
}

const timesOf = ({ event, content, task }: EndOfTask, { atMs, toOurs, clockErrorMs }: MediaContext) => {
  const reportedBeginMs = content.beginTime === null ? null : toOurs(content.beginTime);
  const reportedEndMs = content.endTime === null ? null : toOurs(content.endTime);
  // An end after its event, or hours before it, is of another clock than the event's.
  const aheadMs = reportedEndMs === null ? 0 : reportedEndMs - atMs;
  const offMs = aheadMs > 0 || (event.eventGenTime !== null && aheadMs < -otherClockMs) ? aheadMs : 0;
  const endMs = reportedEndMs === null ? atMs : reportedEndMs - offMs;
  const begunMs = task?.endMs === null ? task.beginMs : null;
  return {
    beginMs: reportedBeginMs === null ? (task?.beginMs ?? null) : Math.min(reportedBeginMs - offMs, endMs),
    endMs,
    offByMs: offByOf(event, content, { reportedBeginMs, reportedEndMs, begunMs, atMs, clockErrorMs }),
  };
};

/** Returns what the tasks that wrote a recording say of its times. */
const writtenBy = (parts: readonly Task[]) => {
  const begins = parts.flatMap((part) => part.beginMs ?? []);
  const maxOffByMs = Math.max(0, ...parts.map((part) => part.offByMs ?? 0));
  const spans = parts.flatMap((part) => (part.beginMs === null || part.endMs === null ? [] : Math.max(0, part.endMs - part.beginMs)));
  return reported({
    startedAt: begins.length === 0 ? null : instant(Math.min(...begins)),
    segments: parts.length > 1 && begins.length === parts.length ? segmentsOf(parts) : null,
    timesOffByMs: maxOffByMs === 0 ? null : maxOffByMs,
    durationMs: spans.length === 0 ? null : spans.reduce((sum, span) => sum + span, 0),
  });
};

export const readEnd = (event: GatewayEvent, context: MediaContext): MediaReading => {
  const content = stopRecordContent.parse(event.content ?? {});
  const before = context.tasks.find(({ id }) => id === content.taskId) ?? null;
  const { isKnown, ...target } = recordingOf(content, before, context);
  const { beginMs, endMs, offByMs } = timesOf({ event, content, task: before }, context);
  const id = content.taskId ?? target.recording;
  const call = content.callId ?? before?.call ?? null;
  const task: Task = { id, ...target, call, running: true, beginMs, endMs, offByMs: offByMs > 0 ? offByMs : undefined };
  const tasks = putTask(context.tasks, task);
  const parts = tasks.filter((one) => one.recording === task.recording && one.running);
  const isWritten = parts.some((part) => part.endMs === null);
  const endedAt = instant(Math.max(endMs, ...parts.flatMap((part) => part.endMs ?? [])));
  const recording = {
    externalId: task.recording,
    agent: context.agent,
    ...(isWritten ? {} : { state: 'STOPPED' as const, vendorState: event.eventType, endedAt }),
    ...writtenBy(parts),
    ...reported({ call, party: isKnown ? null : ('MIXED' as const) }),
    vendorData: { taskId: id, ...reported({ recordFormat: content.recordFormat }) },
  };
  return { tasks, observations: [{ type: 'recording', recording }] };
};
