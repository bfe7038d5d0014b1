/** The commands of a client, each sent once. */
import { type Observation, reported, type VendorCommand, type VendorSource } from '../kit/index.ts';
import { explainStop } from './recording-errors.ts';
import { isScreen, screenId } from './screen.ts';
import { createSessionControl } from './session-control.ts';
import type { HuaweiSource } from './source.ts';
import { startRecording } from './start-recording.ts';
import { startRecordResult } from './wire.ts';
import { sendCommand } from './with-session.ts';

const live = ({ context }: HuaweiSource, { agent }: VendorCommand, screen: boolean) =>
  context.known.liveRecordings(agent.externalId).filter((one) => isScreen(one) === screen);

const stopping = (source: HuaweiSource, command: VendorCommand, { screen, vendorState }: { screen: boolean; vendorState: string }) => {
  const recordings = live(source, command, screen);
  const observations = recordings.map(
    ({ externalId }): Observation => ({ type: 'recording', recording: { externalId, state: 'STOPPING', vendorState } }),
  );
  return { recording: recordings[0]?.externalId ?? null, observations };
};

const stopRecording = async (source: HuaweiSource, command: VendorCommand, signal: AbortSignal) => {
  const agent = command.agent.externalId;
  const request = { operation: 'stopRecord', method: 'DELETE', path: `/recordplay/${agent}/stoprecord` } as const;
  await sendCommand(source, command, { ...request, signal }).catch((error: unknown) => {
    throw explainStop(source, agent, error);
  });
  return stopping(source, command, { screen: false, vendorState: request.operation });
};

const startScreenRecording = async (source: HuaweiSource, command: VendorCommand, signal: AbortSignal) => {
  const agent = command.agent.externalId;
  const request = { operation: 'startRecordScreen', method: 'PUT', path: `/recordplay/${agent}/startrecordscreen` } as const;
  const answer = await sendCommand(source, command, { ...request, signal });
  const running = live(source, command, true)[0];
  if (running) return { recording: running.externalId };
  const read = startRecordResult.safeParse(answer.result);
  const recording = (read.success ? read.data : null) ?? screenId(agent, source.context.clock.now());
  const started: Observation = {
    type: 'recording',
    recording: {
      externalId: recording,
      kind: 'SCREEN',
      state: 'STARTING',
      vendorState: request.operation,
      agent,
      ...reported({ call: command.agent.activeCall }),
    },
  };
  return { recording, observations: [started] };
};

const stopScreenRecording = async (source: HuaweiSource, command: VendorCommand, signal: AbortSignal) => {
  const path = `/recordplay/${command.agent.externalId}/stoprecordscreen`;
  const request = { operation: 'stopRecordScreen', method: 'DELETE', path } as const;
  await sendCommand(source, command, { ...request, signal });
  return stopping(source, command, { screen: true, vendorState: request.operation });
};

export const createControl = (source: HuaweiSource): NonNullable<VendorSource['control']> => ({
  ...createSessionControl(source),
  ...(source.settings.selfRecord ? { START_RECORDING: (command, signal) => startRecording(source, command, signal) } : {}),
  STOP_RECORDING: (command, signal) => stopRecording(source, command, signal),
  START_SCREEN_RECORDING: (command, signal) => startScreenRecording(source, command, signal),
  STOP_SCREEN_RECORDING: (command, signal) => stopScreenRecording(source, command, signal),
});
