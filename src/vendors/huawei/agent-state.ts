/** Fetches one agent's state where events cannot be relied on: after a gap, and for reads while there was no contact with the agent. */

import { instant, type Observation, pause, type Recording, reported, type VendorContext } from '../kit/index.ts';
import { type Gateway, readResult } from './client.ts';
import type { Renewal } from './credentials.ts';
import { isInterfaceForbidden, isPassing, isSessionLost } from './errors.ts';
import { agentStatusOf, directionOf, isElsewhere } from './mapping.ts';
import type { Session, Sessions } from './session.ts';
import type { HuaweiSettings } from './settings.ts';
import { agentStatusResult, callIdsResult, callInfoResult, syncResult } from './wire.ts';

const orNull = async <T>(work: Promise<T>): Promise<T | null> => {
  try {
    return await work;
  } catch (error) {
    if (isSessionLost(error)) throw error;
    return null;
  }
};

export interface AgentStateReader {
  /**
   * The agent's state, calls and what may still be recording: one vendor call for an agent who is not in a call. `fresh` is for a
   * session that has just begun, whose empty event queue `syncagentinfo` may clear: it alone shows whether a recording runs.
   */
  fetch(agent: string, session: Session, options: { fresh: boolean; signal?: AbortSignal }): Promise<readonly Observation[]>;
}

export const createAgentStateReader = (
  settings: HuaweiSettings,
  context: VendorContext,
  gateway: Gateway,
  sessions: Sessions,
): AgentStateReader => {
  /** Reads change nothing, so that a passing error is waited out. */
  const request = async (
    operation: string,
    method: 'GET' | 'POST',
    path: string,
    agent: string,
    session: Session,
    signal?: AbortSignal,
  ) => {
    const renewed = (renewal: Renewal) => sessions.renew(agent, session, renewal);
    for (const waitMs of [200, 600, null]) {
      try {
        return (await gateway.send({ operation, method, path, agent, credentials: session, signal, renewed })).result;
      } catch (error) {
        if (isInterfaceForbidden(error) && isSessionLost(error) && (await sessions.isGood(agent, session, operation))) {
          throw gateway.refusesRight(operation, agent);
        }
        if (waitMs === null || !isPassing(error)) throw error;
        await pause(context.clock, waitMs, signal);
      }
    }
    return undefined;
  };

  const detail = async (agent: string, call: string, session: Session, signal?: AbortSignal): Promise<Observation> => {
    const base = { externalId: call, state: 'ACTIVE' as const, agents: [agent] };
    const read = callInfoResult.safeParse(
      await orNull(
        request('queryCallInfoByCallId', 'GET', `/calldata/${agent}/callinfobycallid/${encodeURIComponent(call)}`, agent, session, signal),
      ),
    );
    if (!read.success) return { type: 'call', call: base };
    const { callfeature, caller, called, callskill, begintime } = read.data;
    return {
      type: 'call',
      call: {
        ...base,
        direction: directionOf(callfeature),
        ...reported({
          caller,
          called,
          queue: callskill,
          startedAt: begintime === null ? null : instant(gateway.clock.toOurs(begintime)),
        }),
      },
    };
  };

  const runningSerial = async (agent: string, session: Session, signal?: AbortSignal): Promise<string | null> => {
    const answer = await orNull(request('syncagentinfo', 'POST', `/onlineagent/${agent}/syncagentinfo`, agent, session, signal));
    const read = syncResult.safeParse(answer);
    return read.success ? (read.data.agentStateInfo.recordID ?? '') : null;
  };

  return {
    fetch: async (agent, session, { fresh, signal }) => {
      const result = await request('getAgentStatus', 'GET', `/onlineagent/${agent}/agentstatus`, agent, session, signal);
      const { agentState, isWorking } = readResult(agentStatusResult, result, settings.name, 'getAgentStatus');
      const status = agentStatusOf(agentState);
      const shown = { externalId: agent, status, vendorStatus: String(agentState) };
      const inCall = isWorking || status === 'ON_CALL';
      const answered = inCall
        ? await orNull(
            request('queryAllCallInfoByAgentWorkNoEx', 'GET', `/calldata/${agent}/allcallinfoEx/${agent}`, agent, session, signal),
          )
        : [];
      if (answered === null) return [{ type: 'agent', agent: shown }];
      const calls = readResult(callIdsResult, answered, settings.name, 'queryAllCallInfoByAgentWorkNoEx');

      const live = context.known.liveRecordings(agent);
      const serial =
        fresh && inCall && live.some(({ state }) => state === 'RECORDING') ? await runningSerial(agent, session, signal) : null;
      const isGoingOn = (recording: Recording): boolean => {
        if (recording.kind === 'SCREEN') return true;
        if (recording.call !== null && !calls.includes(recording.call)) return false;
        if (recording.state === 'STARTING') return true;
        return serial === null || (serial !== '' && (recording.vendorData?.recordID ?? serial) === serial);
      };

      const before = context.known.agent(agent);
      const others = settings.agents.flatMap(({ id }) => (id === agent ? [] : [id]));
      const gone = [before?.activeCall, ...(before?.inactiveCalls ?? [])].flatMap((call) => (call && !calls.includes(call) ? [call] : []));
      const elsewhere = gone.filter((call) => isElsewhere(call, agent, others, context.known));
      const activeCall = calls.find((call) => call === before?.activeCall) ?? calls[0] ?? null;
      const details: Observation[] = [];
      for (const call of calls) if (context.known.call(call) === null) details.push(await detail(agent, call, session, signal));
      const ended = (externalId: string): Observation => ({
        type: 'call',
        call: { externalId, state: 'ENDED', endedAt: instant(context.clock.now()) },
      });
      const stopped = ({ externalId }: Recording): Observation => ({ type: 'recording', recording: { externalId, state: 'STOPPED' } });
      return [
        ...details,
        // A liveness observation names what is recording, which in a call only `syncagentinfo` shows.
        ...(inCall && serial === null
          ? [...gone.filter((call) => !elsewhere.includes(call)).map(ended), ...live.filter((one) => !isGoingOn(one)).map(stopped)]
          : [
              {
                type: 'liveness' as const,
                agent,
                calls: [...calls, ...elsewhere],
                recordings: live.filter(isGoingOn).map(({ externalId }) => externalId),
              },
            ]),
        { type: 'agent', agent: { ...shown, activeCall, inactiveCalls: calls.filter((call) => call !== activeCall) } },
      ];
    },
  };
};
