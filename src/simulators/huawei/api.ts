/** The paths of the gateway, by the vendor's method names. */
import { agentStates } from './contact-center.ts';
import { download, recordScreen, startRecording } from './recordings.ts';
import { type Route, type RouteAnswer, type RouteRequest, type SimulatedGateway, success } from './route.ts';
import type { GatewayEvent } from './session-state.ts';
import { signIn, signOut } from './sign-in.ts';
import type { HuaweiSwitches } from './switches.ts';

const setState =
  (
    { contactCenter, sessions }: SimulatedGateway,
    { eventType, state, content = null }: { eventType: string; state: number; content?: unknown },
  ) =>
  ({ workNo }: RouteRequest): RouteAnswer => {
    contactCenter.setState(workNo, state);
    sessions.emit(workNo, eventType, content);
    return success;
  };

const agentStatus =
  ({ contactCenter }: SimulatedGateway) =>
  ({ workNo }: RouteRequest): RouteAnswer => ({
    message: '',
    result: { agentState: contactCenter.stateOf(workNo), isWorking: contactCenter.callsOf(workNo).length > 0 },
  });

const syncAgentInfo =
  ({ contactCenter, sessions }: SimulatedGateway) =>
  ({ workNo }: RouteRequest): RouteAnswer => {
    sessions.clearQueue(workNo);
    const working = contactCenter.callsOf(workNo).length > 0;
    const recordID = contactCenter.recordingOf(workNo)?.recordId ?? '';
    return { message: 'success', result: { callinfo: null, agentStateInfo: { workNo, state: working ? 9 : 1, recordID } } };
  };

const callInfo =
  ({ contactCenter }: SimulatedGateway) =>
  ({ workNo, parameters }: RouteRequest): RouteAnswer => {
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
  };

/** `address` is the method and the path, in which braces stand for a parameter: the agent comes first. */
const route = (operation: string, address: string, handle: Route['handle']): Route => {
  const [method = '', path = ''] = address.split(' ');
  return { operation, method, path: new RegExp(`^/agentgateway/resource/${path.replaceAll('{}', '([^/]+)')}$`), handle };
};

const signInRoutes = (gateway: SimulatedGateway): readonly Route[] => {
  const { sessions } = gateway;
  return [
    { ...route('login', 'PUT onlineagent/{}', signIn(gateway, false)), open: true },
    { ...route('forceLogin', 'PUT onlineagent/{}/forcelogin', signIn(gateway, true)), open: true },
    route('logout', 'DELETE onlineagent/{}/logout', signOut(gateway, false)),
    route('forceLogout', 'DELETE onlineagent/{}/forcelogout', signOut(gateway, true)),
    route('forceLogoutWithReason', 'DELETE onlineagent/{}/forcelogoutwithreason/(\\d+)', signOut(gateway, true)),
    route('updateGuid', 'PUT onlineagent/{}/updateGuid', ({ workNo }) => ({ ...success, guid: sessions.rotate(workNo, true) })),
    route('handShake', 'POST onlineagent/{}/handshake', ({ workNo }) => ({ message: 'success', guid: sessions.rotate(workNo) })),
    route('resetSkill', 'POST onlineagent/{}/resetskill/{}', () => ({ message: '' })),
  ];
};

const stateRoutes = (gateway: SimulatedGateway): readonly Route[] => {
  const { busy, idle, rest } = agentStates;
  const reason = { reason: '200' };
  const become = (eventType: string, state: number, content?: unknown) => setState(gateway, { eventType, state, content });
  return [
    route('getAgentStatus', 'GET onlineagent/{}/agentstatus', agentStatus(gateway)),
    route('syncagentinfo', 'POST onlineagent/{}/syncagentinfo', syncAgentInfo(gateway)),
    route('sayBusy', 'POST onlineagent/{}/saybusy', become('AgentState_SetNotReady_Success', busy, reason)),
    route('sayFree', 'POST onlineagent/{}/sayfree', become('AgentState_Ready', idle)),
    route('cancelBusy', 'POST onlineagent/{}/cancelbusy', become('AgentState_CancelNotReady_Success', idle)),
    route('rest', 'POST onlineagent/{}/rest/(\\d+)/(\\d+)', become('AgentState_SetRest_Success', rest, reason)),
  ];
};

const callRoutes = (gateway: SimulatedGateway): readonly Route[] => {
  const { contactCenter, sessions } = gateway;
  return [
    route('getAgentEvent', 'GET agentevent/{}', ({ workNo }) =>
      sessions.isPushed(workNo) ? { retcode: '000-001', message: 'agent is in push mode' } : { poll: true },
    ),
    route('queryAllCallInfoByAgentWorkNoEx', 'GET calldata/{}/allcallinfoEx/{}', ({ parameters }) => ({
      message: '',
      result: contactCenter.callsOf(parameters[0]!).map(({ callId }) => callId),
    })),
    route('queryCallInfoByCallId', 'GET calldata/{}/callinfobycallid/{}', callInfo(gateway)),
  ];
};

const recordingRoutes = (gateway: SimulatedGateway): readonly Route[] => [
  route('beginRecord', 'PUT recordplay/{}/record', startRecording(gateway)),
  route('stopRecord', 'DELETE recordplay/{}/stoprecord', ({ workNo }) =>
    gateway.contactCenter.stopRecording(workNo) ? success : { retcode: '500-010', message: 'wrong state' },
  ),
  route('startRecordScreen', 'PUT recordplay/{}/startrecordscreen', recordScreen(gateway, true)),
  route('stopRecordScreen', 'DELETE recordplay/{}/stoprecordscreen', recordScreen(gateway, false)),
  route('downloadRecordFile', 'GET recordfile/{}', download(gateway)),
];

export const createApi = (gateway: SimulatedGateway): readonly Route[] => [
  ...signInRoutes(gateway),
  ...stateRoutes(gateway),
  ...callRoutes(gateway),
  ...recordingRoutes(gateway),
];

/** The body of a poll's answer, as the site's version of the gateway writes it. */
export const pollBody = (event: GatewayEvent | null, switches: HuaweiSwitches): unknown => {
  const envelope = { message: '', retcode: '0' };
  if (event !== null) return switches.bareEvents ? event : { ...envelope, event };
  return switches.emptyPoll === 'absent' ? envelope : { ...envelope, event: switches.emptyPoll === 'list' ? [] : null };
};
