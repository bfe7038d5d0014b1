/** The paths of the gateway, by the vendor's method names. */
import { agentStates } from './contact-center.ts';
import { download, recordScreen, startRecording } from './recordings.ts';
import { type Route, type RouteAnswer, type RouteRequest, type SimulatedGateway, success } from './route.ts';
import type { GatewayEvent } from './sessions.ts';
import { signIn, signOut } from './sign-in.ts';
import type { HuaweiSwitches } from './switches.ts';

const setState =
  ({ contactCenter, sessions }: SimulatedGateway, eventType: string, state: number, content: unknown = null) =>
  ({ workNo }: RouteRequest): RouteAnswer => {
    contactCenter.setState(workNo, state);
    sessions.emit(workNo, eventType, content);
    return success;
  };

const route = (operation: string, method: string, path: string, handle: Route['handle'], open = false): Route => ({
  operation,
  method,
  path: new RegExp(`^/agentgateway/resource/${path}$`),
  handle,
  open,
});
const id = '([^/]+)';

export const createRoutes = (gateway: SimulatedGateway): readonly Route[] => {
  const { contactCenter, sessions } = gateway;
  return [
    route('login', 'PUT', `onlineagent/${id}`, signIn(gateway, false), true),
    route('forceLogin', 'PUT', `onlineagent/${id}/forcelogin`, signIn(gateway, true), true),
    route('logout', 'DELETE', `onlineagent/${id}/logout`, signOut(gateway, false)),
    route('forceLogout', 'DELETE', `onlineagent/${id}/forcelogout`, signOut(gateway, true)),
    route('forceLogoutWithReason', 'DELETE', `onlineagent/${id}/forcelogoutwithreason/(\\d+)`, signOut(gateway, true)),
    route('updateGuid', 'PUT', `onlineagent/${id}/updateGuid`, ({ workNo }) => ({ ...success, guid: sessions.rotate(workNo, true) })),
    route('handShake', 'POST', `onlineagent/${id}/handshake`, ({ workNo }) => ({ message: 'success', guid: sessions.rotate(workNo) })),
    route('resetSkill', 'POST', `onlineagent/${id}/resetskill/${id}`, () => ({ message: '' })),
    route('getAgentStatus', 'GET', `onlineagent/${id}/agentstatus`, ({ workNo }) => ({
      message: '',
      result: { agentState: contactCenter.stateOf(workNo), isWorking: contactCenter.callsOf(workNo).length > 0 },
    })),
    route('syncagentinfo', 'POST', `onlineagent/${id}/syncagentinfo`, ({ workNo }) => {
      sessions.clearQueue(workNo);
      const working = contactCenter.callsOf(workNo).length > 0;
      return {
        message: 'success',
        result: {
          callinfo: null,
          agentStateInfo: { workNo, state: working ? 9 : 1, recordID: contactCenter.recordingOf(workNo)?.recordId ?? '' },
        },
      };
    }),
    route(
      'sayBusy',
      'POST',
      `onlineagent/${id}/saybusy`,
      setState(gateway, 'AgentState_SetNotReady_Success', agentStates.busy, { reason: '200' }),
    ),
    route('sayFree', 'POST', `onlineagent/${id}/sayfree`, setState(gateway, 'AgentState_Ready', agentStates.idle)),
    route('cancelBusy', 'POST', `onlineagent/${id}/cancelbusy`, setState(gateway, 'AgentState_CancelNotReady_Success', agentStates.idle)),
    route(
      'rest',
      'POST',
      `onlineagent/${id}/rest/(\\d+)/(\\d+)`,
      setState(gateway, 'AgentState_SetRest_Success', agentStates.rest, { reason: '200' }),
    ),
    route('getAgentEvent', 'GET', `agentevent/${id}`, ({ workNo }) =>
      sessions.isPushed(workNo) ? { retcode: '000-001', message: 'agent is in push mode' } : { poll: true },
    ),
    route('queryAllCallInfoByAgentWorkNoEx', 'GET', `calldata/${id}/allcallinfoEx/${id}`, ({ parameters }) => ({
      message: '',
      result: contactCenter.callsOf(parameters[0]!).map(({ callId }) => callId),
    })),
    route('queryCallInfoByCallId', 'GET', `calldata/${id}/callinfobycallid/${id}`, ({ workNo, parameters }) => {
      const call = contactCenter.callsOf(workNo).find(({ callId }) => callId === parameters[0]);
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
    route('beginRecord', 'PUT', `recordplay/${id}/record`, startRecording(gateway)),
    route('stopRecord', 'DELETE', `recordplay/${id}/stoprecord`, ({ workNo }) =>
      contactCenter.stopRecording(workNo) ? success : { retcode: '500-010', message: 'wrong state' },
    ),
    route('startRecordScreen', 'PUT', `recordplay/${id}/startrecordscreen`, recordScreen(gateway, true)),
    route('stopRecordScreen', 'DELETE', `recordplay/${id}/stoprecordscreen`, recordScreen(gateway, false)),
    route('downloadRecordFile', 'GET', `recordfile/${id}`, download(gateway)),
  ];
};

/** The body of a poll's answer, as the site's version of the gateway writes it. */
export const pollBody = (event: GatewayEvent | null, switches: HuaweiSwitches): unknown => {
  const envelope = { message: '', retcode: '0' };
  if (event !== null) return switches.bareEvents ? event : { ...envelope, event };
  return switches.emptyPoll === 'absent' ? envelope : { ...envelope, event: switches.emptyPoll === 'list' ? [] : null };
};
