/** The commands of a client, each sent once: "0" acknowledges the request, events report its outcome. */
import {
  abortable,
  type ControlHandler,
  ExpectedError,
  type Observation,
  reported,
  type VendorCommand,
  type VendorContext,
  type VendorSource,
} from '../kit/index.ts';
import type { AgentStateReader } from './agent-state.ts';
import { type Gateway, readResult } from './client.ts';
import type { Events } from './events.ts';
import { recordFailEvent, recordFailure } from './recordings.ts';
import { screenId } from './screen.ts';
import type { Sessions } from './session.ts';
import { createSessionControl } from './session-control.ts';
import { requestInSession } from './session-request.ts';
import type { HuaweiSettings } from './settings.ts';
import { hasFailed } from './tasks.ts';
import { startRecordResult } from './wire.ts';

interface HuaweiControl {
  handlers: NonNullable<VendorSource['control']>;
  /** The gateway's last rejection of a start without a cause; null since one was accepted. */
  startProblem(): string | null;
}

/** Documented as a failure of no stated cause; met where the site lets nobody start recordings. */
const unexplained = '500-011';
const cannotStart: ReadonlySet<string> = new Set(['500-008', '500-011']);

export const createControl = (
  settings: HuaweiSettings,
  context: VendorContext,
  gateway: Gateway,
  sessions: Sessions,
  events: Events,
  agentState: AgentStateReader,
): HuaweiControl => {
  const send = (
    command: VendorCommand,
    signal: AbortSignal,
    operation: string,
    method: 'PUT' | 'DELETE',
    path: string,
    body?: Record<string, unknown>,
  ) => {
    const agent = command.agent.externalId;
    return abortable(
      sessions.use(agent, operation, (session) =>
        requestInSession(gateway, sessions, session, agent, signal)(operation, method, path, body),
      ),
      signal,
    );
  };

  const live = (agent: string, screen: boolean) => context.known.liveRecordings(agent).filter(({ kind }) => (kind === 'SCREEN') === screen);

  /** `500-008` says only that the state is wrong, and `500-011` nothing that is published; what is known says which state it is. */
  const plainer = (error: unknown, agent: string): unknown => {
    if (!(error instanceof ExpectedError) || !cannotStart.has(error.vendorCode ?? '')) return error;
    const details = { vendorCode: error.vendorCode, cause: error };
    if (live(agent, false).some(({ state }) => state !== 'STOPPING')) {
      return new ExpectedError('ALREADY_RECORDING', `Agent ${agent} is already being recorded; stop that recording first.`, details);
    }
    const known = context.known.agent(agent);
    return error.vendorCode === '500-008' && known !== null && known.activeCall === null
      ? new ExpectedError('NOT_IN_CALL', `Agent ${agent} is not on a call, so there is nothing to record.`, details)
      : error;
  };

  /** The codes of a refused stop are in no published list: each of the record family says that the agent's state is not the one to stop in. */
  const plainerStop = (error: unknown, agent: string): unknown => {
    if (!(error instanceof ExpectedError) || !/^500-0\d\d$/.test(error.vendorCode ?? '')) return error;
    const details = { vendorCode: error.vendorCode, cause: error };
    return error.vendorCode === '500-010' || live(agent, false).length === 0
      ? new ExpectedError('NOT_RECORDING', `Agent ${agent} is not being recorded, so there is nothing to stop.`, details)
      : new ExpectedError('VENDOR_REJECTED', `The gateway does not stop the recording of agent ${agent} in its current state.`, details);
  };

  let startProblem: string | null = null;
  const noteStartProblem = (message: string | null) => {
    startProblem = message === null ? null : `${message} Recording by agents may be switched off there: then set selfRecord: false.`;
    gateway.noteProblem(startProblem === null ? null : `${settings.name}: ${startProblem}`, 'start');
  };

  const startRecording: ControlHandler = async (command, signal) => {
    const agent = command.agent.externalId;
    if ((command.metadata?.length ?? 0) > 0) {
      throw new ExpectedError('INVALID_INPUT', `Source ${settings.name} does not accept metadata; leave it out.`);
    }
    if (command.fileName !== undefined && command.fileName.length > 100) {
      throw new ExpectedError(
        'INVALID_INPUT',
        `fileName has ${command.fileName.length} characters; source ${settings.name} accepts at most 100.`,
      );
    }
    const append = command.mode === 'APPEND';
    const replaced = !append && command.fileName ? command.fileName : null;
    if (replaced !== null) await events.expectReplacement(agent, replaced, true);
    const before = await events.tasks(agent);
    const sentAtMs = context.clock.now();
    const answer = await send(command, signal, 'beginRecord', 'PUT', `/recordplay/${agent}/record`, {
      ...(command.fileName === undefined ? {} : { fileName: command.fileName }),
      mediaType: 5,
      recordMode: append ? 1 : 0,
      recordFormat: settings.recordFormat,
    }).catch(async (error: unknown) => {
      // Of a start whose answer was lost, the event may come yet.
      const isRefused = error instanceof ExpectedError && (error.vendorCode !== null || error.notSent);
      if (replaced !== null && isRefused) await events.expectReplacement(agent, replaced, false);
      if (error instanceof ExpectedError && error.vendorCode === unexplained)
        noteStartProblem(`The gateway refused a start with ${unexplained}.`);
      throw plainer(error, agent);
    });
    noteStartProblem(null);
    const id = readResult(startRecordResult, answer.result, settings.name, 'beginRecord');
    // The event alone will name the recording.
    if (id === null) return { recording: null };
    const continued = append && command.fileName ? command.fileName : null;
    const expected = {
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
    if (known) return { recording: task.recording };
    const call = command.agent.activeCall;
    const observation: Observation = {
      type: 'recording',
      ...(continued === null ? {} : { resumed: true }),
      recording: {
        externalId: task.recording,
        kind: 'AUDIO',
        state: 'STARTING',
        vendorState: 'beginRecord',
        party: 'MIXED',
        agent,
        ...reported({ call }),
        ...(continued === null ? { startedAt: new Date(sentAtMs).toISOString() } : { endedAt: null, fileName: continued }),
        vendorData: { taskId: id },
      },
    };
    return { recording: task.recording, observations: [observation] };
  };

  const stopping = (agent: string, screen: boolean, vendorState: string) => {
    const recordings = live(agent, screen);
    return {
      recording: recordings[0]?.externalId ?? null,
      observations: recordings.map(
        ({ externalId }): Observation => ({ type: 'recording', recording: { externalId, state: 'STOPPING', vendorState } }),
      ),
    };
  };

  const handlers: HuaweiControl['handlers'] = {
    ...createSessionControl(gateway, sessions, agentState, settings),
    ...(settings.selfRecord ? { START_RECORDING: startRecording } : {}),
    STOP_RECORDING: async (command, signal) => {
      const agent = command.agent.externalId;
      await send(command, signal, 'stopRecord', 'DELETE', `/recordplay/${agent}/stoprecord`).catch((error: unknown) => {
        throw plainerStop(error, agent);
      });
      return stopping(agent, false, 'stopRecord');
    },
    START_SCREEN_RECORDING: async (command, signal) => {
      const agent = command.agent.externalId;
      const answer = await send(command, signal, 'startRecordScreen', 'PUT', `/recordplay/${agent}/startrecordscreen`);
      const running = live(agent, true)[0];
      if (running) return { recording: running.externalId };
      const read = startRecordResult.safeParse(answer.result);
      const recording = (read.success ? read.data : null) ?? screenId(agent, context.clock.now());
      const call = command.agent.activeCall;
      return {
        recording,
        observations: [
          {
            type: 'recording',
            recording: {
              externalId: recording,
              kind: 'SCREEN',
              state: 'STARTING',
              vendorState: 'startRecordScreen',
              agent,
              ...reported({ call }),
            },
          },
        ],
      };
    },
    STOP_SCREEN_RECORDING: async (command, signal) => {
      const agent = command.agent.externalId;
      await send(command, signal, 'stopRecordScreen', 'DELETE', `/recordplay/${agent}/stoprecordscreen`);
      return stopping(agent, true, 'stopRecordScreen');
    },
  };
  return { handlers, startProblem: () => startProblem };
};
