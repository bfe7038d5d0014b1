/** Signing in and out at the gateway. */
import { agentStates } from './contact-center.ts';
import { type RouteAnswer, type RouteRequest, type SimulatedGateway, success } from './route.ts';

export const signIn =
  ({ contactCenter, sessions, switches, clock }: SimulatedGateway, forced: boolean) =>
  ({ workNo, body }: RouteRequest): RouteAnswer => {
    const agent = contactCenter.agents.get(workNo);
    if (!agent) return { retcode: '100-004', message: 'user or password error' };
    if (agent.locked) return { retcode: '110-016', message: 'account locked' };
    if (body.password !== agent.password) return { retcode: '100-004', message: 'user or password error' };
    if (!/^\d{1,24}$/.test(String(body.phonenum ?? ''))) return { retcode: '100-013', message: 'phone number invalid' };
    if (sessions.has(workNo) && !forced) return { retcode: '100-002', message: 'agent has logged in' };
    if (sessions.has(workNo) && !switches.forceAllowed) return { retcode: '100-015', message: 'force login is forbidden' };
    const push = body.callBackUri && body.serviceToken ? { uri: String(body.callBackUri), token: String(body.serviceToken) } : null;
    const guid = sessions.open(workNo, { phone: String(body.phonenum), autoAnswer: String(body.autoanswer ?? true) === 'true', push });
    const status = Number(body.status ?? 4);
    contactCenter.setState(workNo, status === 3 || status === 5 ? status : agentStates.idle);
    sessions.emit(workNo, 'AgentOther_InService', null);
    sessions.emit(workNo, 'AgentState_Ready', null);
    if (status === 3) sessions.emit(workNo, 'AgentState_SetNotReady_Success', { reason: '0' });
    if (status === 5) sessions.emit(workNo, 'AgentState_Work', null);
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

export const signOut =
  ({ contactCenter, sessions, switches }: SimulatedGateway, forced: boolean) =>
  ({ workNo }: RouteRequest): RouteAnswer => {
    if (!forced && contactCenter.callsOf(workNo).some(({ talking }) => talking)) {
      return switches.logoutInCall === '0' ? success : { retcode: switches.logoutInCall, message: 'state error' };
    }
    for (const call of forced ? contactCenter.callsOf(workNo) : []) contactCenter.release(workNo, call.callId);
    sessions.close(workNo);
    contactCenter.setState(workNo, agentStates.signedOut);
    return forced ? { message: 'success' } : success;
  };
