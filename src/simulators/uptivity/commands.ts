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

/** The recording commands, by their route in lower case. */
export const recordingCommands = (switches: UptivitySwitches, random: Random): Readonly<Record<string, Command>> => {
  const merge = (call: SimulatedCall | null | undefined, body: CommandBody) =>
    Object.assign(call?.Metadata ?? {}, readMetadata(body, switches) ?? {});

  const stopAudio = (call: SimulatedCall, duplicate: boolean): 200 | 404 => {
    const running = call.Recordings.filter((recording) => recording.IsDuplicate === duplicate && isLive(recording));
    if (running.length === 0) return switches.nothingToActOn;
    for (const recording of running) recording.RecordingState = 'Stopped';
    if (switches.stoppedRecordings === 'removed') call.Recordings = call.Recordings.filter(isLive);
    return 200;
  };

  const addAudio = (call: SimulatedCall, duplicate: boolean): 200 | 404 => {
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

  const startScreen: Command = (agent, body) => {
    const screens = agent.ActiveCall?.ScreenRecordings ?? agent.DesktopOnlySessions;
    if (screens.some(isLive)) return switches.startAgain;
    const screen: SimulatedScreenRecording = {
      RelatedCallInstance: agent.ActiveCall?.CallInstance ?? '',
      ScreenRecordingidentifier: switches.screenIdentifier === 'atStart' ? random.guid() : '',
      RecordingState: live,
    };
    screens.push(screen);
    merge(agent.ActiveCall, body);
    return 200;
  };

  const stopScreen: Command = (agent, body) => {
    const running = [...callsOf(agent).flatMap((call) => call.ScreenRecordings), ...agent.DesktopOnlySessions].filter(isLive);
    if (running.length === 0) return switches.nothingToActOn;
    merge(agent.ActiveCall, body);
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

  return {
    '/api/record/startforagent': (agent, body) => {
      if (!agent.ActiveCall) return 404;
      merge(agent.ActiveCall, body);
      return addAudio(agent.ActiveCall, false);
    },
    '/api/record/stopforagent': (agent) => (agent.ActiveCall ? stopAudio(agent.ActiveCall, false) : switches.nothingToActOn),
    '/api/record/updateforagent': (agent, body) => {
      if (readMetadata(body, switches) === null) return 404;
      if (!agent.ActiveCall?.Recordings.some(isLive)) return switches.nothingToActOn;
      merge(agent.ActiveCall, body);
      return 200;
    },
    '/api/record/startduplicateforagent': (agent, body) => {
      const call = wantedCall(agent, body);
      return call?.Recordings.some((recording) => !recording.IsDuplicate && isLive(recording)) ? addAudio(call, true) : 404;
    },
    '/api/record/stopduplicateforagent': (agent, body) => {
      const call = wantedCall(agent, body);
      return call ? stopAudio(call, true) : switches.nothingToActOn;
    },
    '/api/screenrecord/startforagent': startScreen,
    '/api/screenrecord/stopforagent': stopScreen,
    '/api/screenrecord/updateforagent': (agent, body) => {
      if (readMetadata(body, switches) === null) return 404;
      const screens = [...callsOf(agent).flatMap((call) => call.ScreenRecordings), ...agent.DesktopOnlySessions];
      if (!screens.some(isLive)) return switches.nothingToActOn;
      merge(agent.ActiveCall, body);
      return 200;
    },
  };
};
