/** The requests that sign an agent in, and have it join its queues. */
import { ExpectedError } from '../kit/index.ts';
import type { Renewal } from './credentials.ts';
import { heldElsewhere, isInterfaceForbidden } from './errors.ts';
import type { Session } from './session.ts';
import { type AgentSession, sendInSession } from './session-request.ts';
import { type HuaweiAgent, type HuaweiSettings, queuesOf } from './settings.ts';
import type { HuaweiSource } from './source.ts';

const busyStatus = 3;
const idleStatus = 4;

const bodyOf = (settings: HuaweiSettings, agent: HuaweiAgent, phone: string) => ({
  password: agent.password,
  phonenum: phone,
  autoanswer: settings.autoAnswer ?? settings.signIn.autoAnswer,
  // After a call, too, only who is put to work is ready for the next.
  autoenteridle: settings.signIn.status === 'READY',
  agenttype: 4,
  status: settings.signIn.status === 'READY' ? idleStatus : busyStatus,
  callBackUri: settings.events === 'push' ? settings.callbackUrl : undefined,
  serviceToken: settings.events === 'push' ? settings.serviceToken : undefined,
});

/**
 * Signs in, by force where that is allowed and needed. It joins no skill queue by itself.
 * The GUID is in a header of the answer, never in its body.
 */
export const sendSignIn = async (
  { gateway, settings, context }: HuaweiSource,
  agent: HuaweiAgent,
  { phone, mayForce }: { phone: string; mayForce: boolean },
): Promise<{ session: Session; forced: boolean }> => {
  let session: Session | null = null;
  const renewed = ({ guid, cookies }: Renewal) => {
    if (guid !== null) session = { guid, cookies, phone, renewedAtMs: context.clock.now() };
  };
  const path = `/onlineagent/${agent.id}`;
  const request = { method: 'PUT', agent: agent.id, body: bodyOf(settings, agent, phone), renewed } as const;
  let forced = false;
  try {
    await gateway.send({ ...request, operation: 'login', path });
  } catch (error) {
    if (!(error instanceof ExpectedError) || !heldElsewhere.has(error.vendorCode ?? '') || !mayForce) throw error;
    await gateway.send({ ...request, operation: 'forceLogin', path: `${path}/forcelogin` });
    forced = true;
  }
  const signedIn = session as Session | null;
  if (signedIn === null) {
    throw new ExpectedError(
      'VENDOR_UNAVAILABLE',
      `${settings.name}: the sign-in of agent ${agent.id} was answered without a Set-GUID header.`,
    );
  }
  return { session: signedIn, forced };
};

/** Joins the skill queues: all that are configured at the platform, or those of the settings. A refusal is shown by the source's health. */
export const joinQueues = async (agentSession: AgentSession): Promise<void> => {
  const { source, agent } = agentSession;
  const { gateway, settings, context } = source;
  const queues = queuesOf(settings);
  if (queues === null) return;
  const about = `skill queues of agent ${agent}`;
  const which = queues === 'all' ? 'true?phonelinkage=0' : `false?skillid=${queues.join(';')}&phonelinkage=0`;
  try {
    const path = `/onlineagent/${agent}/resetskill/${which}`;
    await sendInSession(agentSession, { operation: 'resetSkill', method: 'POST', path });
    gateway.noteProblem(null, about);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    const refused = isInterfaceForbidden(error) ? gateway.refusesRight('resetSkill', agent) : error;
    gateway.noteProblem(`${refused.message.replace(/\.$/, '')}; the agent joined no skill queue.`, about);
    context.log.warn('agent joined no skill queue', { source: settings.name, agent, vendorCode: error.vendorCode });
  }
};
