/** The paths of the gateway, by the vendor's method names. */
import type { Clock } from '../../domain/ports/clock.ts';
import { toneAlaw } from '../kit/audio.ts';
import { agentStates, type Floor } from './floor.ts';
import type { GatewayEvent, GatewaySessions } from './sessions.ts';
import type { HuaweiSwitches } from './switches.ts';

interface RouteRequest {
  workNo: string;
  parameters: readonly string[];
  query: URLSearchParams;
  guid: string | undefined;
  body: Readonly<Record<string, unknown>>;
}

export interface RouteAnswer {
  /** The envelope's `retcode`; "0" when absent. */
  retcode?: string;
  message?: string;
  result?: unknown;
  guid?: string | null;
  /** Instead of an envelope: a file. */
  file?: Uint8Array;
  /** Instead of an answer now: the event poll. */
  poll?: true;
}

interface Route {
  operation: string;
  method: string;
  path: RegExp;
  /** Sign-ins alone need no GUID. */
  open?: boolean;
  handle(request: RouteRequest): RouteAnswer;
}

const success = { message: 'success', result: {} };

export const createRoutes = (floor: Floor, sessions: GatewaySessions, switches: HuaweiSwitches, clock: Clock): readonly Route[] => {
  const emit = sessions.emit;

  const signIn =
    (forced: boolean) =>
    ({ workNo, body }: RouteRequest): RouteAnswer => {
      const agent = floor.agents.get(workNo);
      if (!agent) return { retcode: '100-004', message: 'user or password error' };
      if (agent.locked) return { retcode: '110-016', message: 'account locked' };
      if (body.password !== agent.password) return { retcode: '100-004', message: 'user or password error' };
      if (!/^\d{1,24}$/.test(String(body.phonenum ?? ''))) return { retcode: '100-013', message: 'phone number invalid' };
      if (sessions.has(workNo) && !forced) return { retcode: '100-002', message: 'agent has logged in' };
      if (sessions.has(workNo) && !switches.forceAllowed) return { retcode: '100-015', message: 'force login is forbidden' };
      const push = body.callBackUri && body.serviceToken ? { uri: String(body.callBackUri), token: String(body.serviceToken) } : null;
      const guid = sessions.open(workNo, { phone: String(body.phonenum), autoAnswer: String(body.autoanswer ?? true) === 'true', push });
      const status = Number(body.status ?? 4);
      floor.setState(workNo, status === 3 || status === 5 ? status : agentStates.idle);
      emit(workNo, 'AgentOther_InService', null);
      emit(workNo, 'AgentState_Ready', null);
      if (status === 3) emit(workNo, 'AgentState_SetNotReady_Success', { reason: '0' });
      if (status === 5) emit(workNo, 'AgentState_Work', null);
      return {
        message: '',
        guid,
        result: {
          vdnid: 1,
          workno: workNo,
          mediatype: 'TTF',
          loginTime: String(clock.now()),
          isForceChange: 'false',
          serverName: 'AgentGateway',
          timeRemaining: '9',
        },
      };
    };

  const signOut =
    (forced: boolean) =>
    ({ workNo }: RouteRequest): RouteAnswer => {
      if (!forced && floor.callsOf(workNo).some(({ talking }) => talking)) {
        return switches.logoutInCall === '0' ? success : { retcode: switches.logoutInCall, message: 'state error' };
      }
      for (const call of forced ? floor.callsOf(workNo) : []) floor.release(workNo, call.callId);
      sessions.close(workNo);
      floor.setState(workNo, agentStates.signedOut);
      return forced ? { message: 'success' } : success;
    };

  const setState =
    (eventType: string, state: number, content: unknown = null) =>
    ({ workNo }: RouteRequest): RouteAnswer => {
      floor.setState(workNo, state);
      emit(workNo, eventType, content);
      return success;
    };

  const startRecording = ({ workNo, body }: RouteRequest): RouteAnswer => {
    if (!switches.selfRecord) return { retcode: '500-011', message: 'self record is disabled' };
    if (body.mediaType !== 5 || String(body.fileName ?? '').length > 100) return { retcode: '000-002', message: 'invalid parameter' };
    const talking = floor.callsOf(workNo).find((call) => call.talking && !call.held);
    if (!talking || floor.recordingOf(workNo)) return { retcode: '500-008', message: 'wrong state' };
    const fileName = body.fileName ? String(body.fileName) : undefined;
    const segment = floor.startRecording(workNo, { byClient: true, call: talking, fileName });
    return { message: 'success', result: { taskId: String(segment.taskId) } };
  };

  const screen =
    (start: boolean) =>
    ({ workNo }: RouteRequest): RouteAnswer => {
      const allowed = floor.screenRecorded.has(workNo) !== start;
      if (allowed && start) floor.screenRecorded.add(workNo);
      if (allowed && !start) floor.screenRecorded.delete(workNo);
      emit(workNo, `AgentMediaEvent_${start ? 'Start' : 'Stop'}RecordScreen_${allowed ? 'Succ' : 'Fail'}`, null);
      return success;
    };

  const download = ({ query }: RouteRequest): RouteAnswer => {
    if (!switches.downloads) return { retcode: '104-001', message: 'download is not enabled', result: '' };
    if (switches.poolMode && !query.get('locationId')) return { retcode: '104-010', message: 'locationId is required', result: '' };
    const wanted = query.get('recordId');
    const segments = floor.segments.filter(({ fileName }) => fileName === wanted);
    const readyAtMs = Math.max(...segments.map(({ endMs }) => endMs ?? Number.POSITIVE_INFINITY)) + switches.fileDelayMs;
    if (segments.length === 0 || clock.now() < readyAtMs) return { retcode: '104-005', message: 'file not found', result: '' };
    const tones = segments.map(({ beginMs, endMs }, index) =>
      toneAlaw(Math.min(60, Math.max(0.1, (endMs! - beginMs) / 1000)), 440 + index * 220),
    );
    return { file: switches.container === 'wav' ? asWav(Buffer.concat(tones), switches.cutShort) : Buffer.concat(tones) };
  };

  const route = (operation: string, method: string, path: string, handle: Route['handle'], open = false): Route => ({
    operation,
    method,
    path: new RegExp(`^/agentgateway/resource/${path}$`),
    handle,
    open,
  });
  const id = '([^/]+)';

  return [
    route('login', 'PUT', `onlineagent/${id}`, signIn(false), true),
    route('forceLogin', 'PUT', `onlineagent/${id}/forcelogin`, signIn(true), true),
    route('logout', 'DELETE', `onlineagent/${id}/logout`, signOut(false)),
    route('forceLogout', 'DELETE', `onlineagent/${id}/forcelogout`, signOut(true)),
    route('forceLogoutWithReason', 'DELETE', `onlineagent/${id}/forcelogoutwithreason/(\\d+)`, signOut(true)),
    route('updateGuid', 'PUT', `onlineagent/${id}/updateGuid`, ({ workNo }) => ({ ...success, guid: sessions.rotate(workNo, true) })),
    route('handShake', 'POST', `onlineagent/${id}/handshake`, ({ workNo }) => ({ message: 'success', guid: sessions.rotate(workNo) })),
    route('resetSkill', 'POST', `onlineagent/${id}/resetskill/${id}`, () => ({ message: '' })),
    route('getAgentStatus', 'GET', `onlineagent/${id}/agentstatus`, ({ workNo }) => ({
      message: '',
      result: { agentState: floor.stateOf(workNo), isWorking: floor.callsOf(workNo).length > 0 },
    })),
    route('syncagentinfo', 'POST', `onlineagent/${id}/syncagentinfo`, ({ workNo }) => {
      sessions.clearQueue(workNo);
      const working = floor.callsOf(workNo).length > 0;
      return {
        message: 'success',
        result: { callinfo: null, agentStateInfo: { workNo, state: working ? 9 : 1, recordID: floor.recordingOf(workNo)?.recordId ?? '' } },
      };
    }),
    route('sayBusy', 'POST', `onlineagent/${id}/saybusy`, setState('AgentState_SetNotReady_Success', agentStates.busy, { reason: '200' })),
    route('sayFree', 'POST', `onlineagent/${id}/sayfree`, setState('AgentState_Ready', agentStates.idle)),
    route('cancelBusy', 'POST', `onlineagent/${id}/cancelbusy`, setState('AgentState_CancelNotReady_Success', agentStates.idle)),
    route(
      'rest',
      'POST',
      `onlineagent/${id}/rest/(\\d+)/(\\d+)`,
      setState('AgentState_SetRest_Success', agentStates.rest, { reason: '200' }),
    ),
    route('getAgentEvent', 'GET', `agentevent/${id}`, ({ workNo }) =>
      sessions.isPushed(workNo) ? { retcode: '000-001', message: 'agent is in push mode' } : { poll: true },
    ),
    route('queryAllCallInfoByAgentWorkNoEx', 'GET', `calldata/${id}/allcallinfoEx/${id}`, ({ parameters }) => ({
      message: '',
      result: floor.callsOf(parameters[0]!).map(({ callId }) => callId),
    })),
    route('queryCallInfoByCallId', 'GET', `calldata/${id}/callinfobycallid/${id}`, ({ workNo, parameters }) => {
      const call = floor.callsOf(workNo).find(({ callId }) => callId === parameters[0]);
      if (!call) return { retcode: '100-011', message: 'no such call' };
      return {
        message: '',
        result: {
          callfeature: Number(call.feature),
          callid: call.callId,
          caller: Number(call.caller),
          called: Number(call.called),
          callskill: 'voice',
          callskillid: 1,
          begintime: call.beganAtMs,
        },
      };
    }),
    route('beginRecord', 'PUT', `recordplay/${id}/record`, startRecording),
    route('stopRecord', 'DELETE', `recordplay/${id}/stoprecord`, ({ workNo }) =>
      floor.stopRecording(workNo) ? success : { retcode: '500-010', message: 'wrong state' },
    ),
    route('startRecordScreen', 'PUT', `recordplay/${id}/startrecordscreen`, screen(true)),
    route('stopRecordScreen', 'DELETE', `recordplay/${id}/stoprecordscreen`, screen(false)),
    route('downloadRecordFile', 'GET', `recordfile/${id}`, download),
  ];
};

/** A WAV of A-law samples. */
const asWav = (samples: Buffer, promisesTwice: boolean): Buffer => {
  const promised = promisesTwice ? 2 * samples.length : samples.length;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + promised, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(6, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(promised, 40);
  return Buffer.concat([header, samples]);
};

/** The body of a poll's answer, as the site's version of the gateway writes it. */
export const pollBody = (event: GatewayEvent | null, switches: HuaweiSwitches): unknown => {
  const envelope = { message: '', retcode: '0' };
  if (event !== null) return switches.bareEvents ? event : { ...envelope, event };
  return switches.emptyPoll === 'absent' ? envelope : { ...envelope, event: switches.emptyPoll === 'list' ? [] : null };
};
