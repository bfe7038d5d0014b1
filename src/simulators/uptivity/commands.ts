import type { Random } from '../kit/random.ts';
import type { SimulatedAgent, SimulatedCall, SimulatedRecording, SimulatedScreenRecording } from './agent.ts';
import type { UptivitySwitches } from './switches.ts';
import { callsOf } from './tracker.ts';

/** A command's body with its keys in lower case. */
interface CommandBody {
  callmetadata?: unknown;
  callidentifier?: unknown;
}

export type Command = (agent: SimulatedAgent, body: CommandBody) => 200 | 404;

const live = 'Recording';
const isLive = ({ RecordingState }: { RecordingState: string }) => RecordingState === live;

const readMetadata = (body: CommandBody, switches: UptivitySwitches): Record<string, string> | null => {
  const given = body.callmetadata;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  return Object.fromEntries(
    Object.entries(given)
      .map(([key, value]) => [key.toLowerCase(), String(value ?? '')] as const)
      .filter(([key]) => switches.anyMetadataKey || /^user([1-9]|1[0-5])$/.test(key)),
  );
};

/** The context of the recording commands. */
interface CommandContext {
  switches: UptivitySwitches;
  random: Random;
}

type CommandAt = (context: CommandContext, agent: SimulatedAgent, body: CommandBody) => 200 | 404;

const merge = ({ switches }: CommandContext, call: SimulatedCall | null | undefined, body: CommandBody): void => {
  Object.assign(call?.Metadata ?? {}, readMetadata(body, switches) ?? {});
};

const stopAudio = ({ switches }: CommandContext, call: SimulatedCall, duplicate: boolean): 200 | 404 => {
  const running = call.Recordings.filter((recording) => recording.IsDuplicate === duplicate && isLive(recording));
  if (running.length === 0) return switches.nothingToActOn;
  for (const recording of running) recording.RecordingState = 'Stopped';
  if (switches.stoppedRecordings === 'removed') call.Recordings = call.Recordings.filter(isLive);
  return 200;
};

const addAudio = ({ switches, random }: CommandContext, call: SimulatedCall, duplicate: boolean): 200 | 404 => {
  if (call.Recordings.some((recording) => recording.IsDuplicate === duplicate && isLive(recording))) return switches.startAgain;
  const recording: SimulatedRecording = {
    RecordingIdentifier: random.guid(),
    IsDuplicate: duplicate,
    RecordingState: live,
    CallInstance: call.CallInstance,
  };
  call.Recordings.push(recording);
  return 200;
};

/** The call that is named by its instance or else its callid; the active one when none is. */
const wantedCall = (agent: SimulatedAgent, { callidentifier }: CommandBody): SimulatedCall | null | undefined => {
  if (callidentifier === undefined || callidentifier === null || callidentifier === '') return agent.ActiveCall;
  const wanted = String(callidentifier);
  const calls = callsOf(agent);
  return calls.find((call) => call.CallInstance === wanted) ?? calls.find((call) => call.Metadata.callid === wanted);
};

const screensOf = (agent: SimulatedAgent): readonly SimulatedScreenRecording[] => [
  ...callsOf(agent).flatMap((call) => call.ScreenRecordings),
  ...agent.DesktopOnlySessions,
];

const startAudio: CommandAt = (context, agent, body) => {
  if (!agent.ActiveCall) return 404;
  merge(context, agent.ActiveCall, body);
  return addAudio(context, agent.ActiveCall, false);
};

const updateAudio: CommandAt = (context, agent, body) => {
  if (readMetadata(body, context.switches) === null) return 404;
  if (!agent.ActiveCall?.Recordings.some(isLive)) return context.switches.nothingToActOn;
  merge(context, agent.ActiveCall, body);
  return 200;
};

const startDuplicate: CommandAt = (context, agent, body) => {
  const call = wantedCall(agent, body);
  return call?.Recordings.some((recording) => !recording.IsDuplicate && isLive(recording)) ? addAudio(context, call, true) : 404;
};

const stopDuplicate: CommandAt = (context, agent, body) => {
  const call = wantedCall(agent, body);
  return call ? stopAudio(context, call, true) : context.switches.nothingToActOn;
};

const startScreen: CommandAt = (context, agent, body) => {
  const { switches, random } = context;
  const screens = agent.ActiveCall?.ScreenRecordings ?? agent.DesktopOnlySessions;
  if (screens.some(isLive)) return switches.startAgain;
  screens.push({
    RelatedCallInstance: agent.ActiveCall?.CallInstance ?? '',
    ScreenRecordingidentifier: switches.screenIdentifier === 'atStart' ? random.guid() : '',
    RecordingState: live,
  });
  merge(context, agent.ActiveCall, body);
  return 200;
};

const stopScreen: CommandAt = (context, agent, body) => {
  const { switches, random } = context;
  const running = screensOf(agent).filter(isLive);
  if (running.length === 0) return switches.nothingToActOn;
  merge(context, agent.ActiveCall, body);
  for (const screen of running) {
    screen.RecordingState = 'Stopped';
    screen.ScreenRecordingidentifier ||= random.guid();
  }
  if (switches.stoppedRecordings === 'removed') {
    for (const call of callsOf(agent)) call.ScreenRecordings = call.ScreenRecordings.filter(isLive);
  }
  agent.DesktopOnlySessions = agent.DesktopOnlySessions.filter(isLive);
  return 200;
};

const updateScreen: CommandAt = (context, agent, body) => {
  if (readMetadata(body, context.switches) === null) return 404;
  if (!screensOf(agent).some(isLive)) return context.switches.nothingToActOn;
  merge(context, agent.ActiveCall, body);
  return 200;
};

const commands: Readonly<Record<string, CommandAt>> = {
  '/api/record/startforagent': startAudio,
  '/api/record/stopforagent': (context, { ActiveCall }) =>
    ActiveCall ? stopAudio(context, ActiveCall, false) : context.switches.nothingToActOn,
  '/api/record/updateforagent': updateAudio,
  '/api/record/startduplicateforagent': startDuplicate,
  '/api/record/stopduplicateforagent': stopDuplicate,
  '/api/screenrecord/startforagent': startScreen,
  '/api/screenrecord/stopforagent': stopScreen,
  '/api/screenrecord/updateforagent': updateScreen,
};

/** The recording commands, by their route in lower case. */
export const recordingCommands = (context: CommandContext): Readonly<Record<string, Command>> =>
  Object.fromEntries(
    Object.entries(commands).map(([route, command]) => [
      route,
      (agent: SimulatedAgent, body: CommandBody) => command(context, agent, body),
    ]),
  );
