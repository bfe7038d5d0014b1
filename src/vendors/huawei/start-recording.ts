import { ExpectedError, type Observation, reported, type VendorAnswer, type VendorCommand } from '../kit/index.ts';
import { readResult } from './client.ts';
import { isAnswerLost } from './errors.ts';
import { explainStart, unexplained } from './recording-errors.ts';
import { recordFailEvent, recordFailure } from './recordings.ts';
import type { HuaweiSource } from './source.ts';
import { hasFailed, type Task } from './tasks.ts';
import { startRecordResult } from './wire.ts';
import { sendCommand } from './with-session.ts';

const maxFileName = 100;

const refuseInvalid = ({ metadata, fileName }: VendorCommand, source: string): void => {
  if ((metadata?.length ?? 0) > 0) throw new ExpectedError('INVALID_INPUT', `Source ${source} does not accept metadata; leave it out.`);
  if (fileName !== undefined && fileName.length > maxFileName) {
    const message = `fileName has ${fileName.length} characters; source ${source} accepts at most ${maxFileName}.`;
    throw new ExpectedError('INVALID_INPUT', message);
  }
};

/** Shows in notes and health that a start was refused without a cause; null since one was accepted. */
const noteStartProblem = (source: HuaweiSource, message: string | null): void => {
  const problem = message === null ? null : `${message} Recording by agents may be switched off there: then set selfRecord: false.`;
  source.startProblem = problem;
  source.gateway.noteProblem(problem === null ? null : `${source.settings.name}: ${problem}`, 'start');
};

/** The file whose contents the recording replaces; null where it goes to another, or appends. */
const replacedFile = ({ mode, fileName }: VendorCommand): string | null => (mode !== 'APPEND' && fileName ? fileName : null);

/** Answers the id of the recording task; null where the event alone will name the recording. */
const sendStart = async (source: HuaweiSource, command: VendorCommand, signal: AbortSignal): Promise<string | null> => {
  const { settings, events } = source;
  const agent = command.agent.externalId;
  const replaced = replacedFile(command);
  const answer = await sendCommand(source, command, {
    signal,
    operation: 'beginRecord',
    method: 'PUT',
    path: `/recordplay/${agent}/record`,
    body: {
      fileName: command.fileName,
      mediaType: 5,
      recordMode: command.mode === 'APPEND' ? 1 : 0,
      recordFormat: settings.recordFormat,
    },
  }).catch(async (error: unknown) => {
    // Of a start whose answer was lost, the event may come yet.
    const isRefused = error instanceof ExpectedError && !isAnswerLost(error);
    if (replaced !== null && isRefused) await events.expectReplacement(agent, replaced, false);
    if (error instanceof ExpectedError && error.vendorCode === unexplained)
      noteStartProblem(source, `The gateway refused a start with ${unexplained}.`);
    throw explainStart(source, agent, error);
  });
  noteStartProblem(source, null);
  return readResult(startRecordResult, answer.result, { source: settings.name, operation: 'beginRecord' });
};

const starting = (command: VendorCommand, task: Task, sentAtMs: number): Observation => ({
  type: 'recording',
  ...(task.temporary ? {} : { resumed: true }),
  recording: {
    externalId: task.recording,
    kind: 'AUDIO',
    state: 'STARTING',
    vendorState: 'beginRecord',
    party: 'MIXED',
    agent: command.agent.externalId,
    ...reported({ call: command.agent.activeCall }),
    ...(task.temporary ? { startedAt: new Date(sentAtMs).toISOString() } : { endedAt: null, fileName: task.recording }),
    vendorData: { taskId: task.id },
  },
});

/** Starts to record an agent's call, in a file of its own or at the end of an earlier one. */
export const startRecording = async (source: HuaweiSource, command: VendorCommand, signal: AbortSignal): Promise<VendorAnswer> => {
  const { settings, events, context } = source;
  const agent = command.agent.externalId;
  refuseInvalid(command, settings.name);
  const replaced = replacedFile(command);
  if (replaced !== null) await events.expectReplacement(agent, replaced, true);
  const before = await events.tasks(agent);
  const sentAtMs = context.clock.now();
  const id = await sendStart(source, command, signal);
  if (id === null) return { recording: null };
  const continued = command.mode === 'APPEND' && command.fileName ? command.fileName : null;
  const expected: Task = {
    id,
    recording: continued ?? id,
    temporary: continued === null,
    call: command.agent.activeCall,
    running: false,
    beginMs: null,
    endMs: null,
  };
  const { task, known } = await events.expect(agent, expected, before);
  // The recording's event may have arrived before this answer.
  if (known && hasFailed(task)) throw new ExpectedError('VENDOR_REJECTED', recordFailure(agent), { vendorCode: recordFailEvent });
  return { recording: task.recording, ...(known ? {} : { observations: [starting(command, task, sentAtMs)] }) };
};
