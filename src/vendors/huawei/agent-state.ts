/** Fetches one agent's state where events cannot be relied on: after a gap, and for reads while there was no contact with the agent. */
import { instant, type Observation, pause, type Recording, reported } from '../kit/index.ts';
import { isElsewhere } from './call-events.ts';
import { readResult } from './client.ts';
import { isInterfaceForbidden, isPassing, isSessionLost } from './errors.ts';
import { isScreen } from './screen.ts';
import { type AgentSession, type SessionRequest, sendInSession } from './session-request.ts';
import { agentStatusOf, directionOf } from './statuses.ts';
import { agentStatusResult, callIdsResult, callInfoResult, syncResult } from './wire.ts';
import { isSessionGood } from './with-session.ts';

interface Fetch extends AgentSession {
  signal: AbortSignal | undefined;
}

const orNull = async <T>(work: Promise<T>): Promise<T | null> => {
  try {
    return await work;
  } catch (error) {
    if (isSessionLost(error)) throw error;
    return null;
  }
};

/** Reads change nothing, so that a passing error is waited out. */
const read = async (fetch: Fetch, request: SessionRequest): Promise<unknown> => {
  const { source, agent, signal } = fetch;
  for (const waitMs of [200, 600, null]) {
    try {
      return (await sendInSession(fetch, { ...request, signal })).result;
    } catch (error) {
      if (isInterfaceForbidden(error) && isSessionLost(error) && (await isSessionGood(fetch, request.operation))) {
        throw source.gateway.refusesRight(request.operation, agent);
      }
      if (waitMs === null || !isPassing(error)) throw error;
      await pause(source.context.clock, waitMs, signal);
    }
  }
  return undefined;
};

const fetchStatus = async (fetch: Fetch) => {
  const operation = 'getAgentStatus';
  const result = await read(fetch, { operation, method: 'GET', path: `/onlineagent/${fetch.agent}/agentstatus` });
  return readResult(agentStatusResult, result, { source: fetch.source.settings.name, operation });
};

/** Null where the gateway does not say. */
const fetchCallIds = async (fetch: Fetch): Promise<readonly string[] | null> => {
  const operation = 'queryAllCallInfoByAgentWorkNoEx';
  const path = `/calldata/${fetch.agent}/allcallinfoEx/${fetch.agent}`;
  const result = await orNull(read(fetch, { operation, method: 'GET', path }));
  return result === null ? null : readResult(callIdsResult, result, { source: fetch.source.settings.name, operation });
};

const fetchCall = async (fetch: Fetch, call: string): Promise<Observation> => {
  const { source, agent } = fetch;
  const path = `/calldata/${agent}/callinfobycallid/${encodeURIComponent(call)}`;
  const answer = callInfoResult.safeParse(await orNull(read(fetch, { operation: 'queryCallInfoByCallId', method: 'GET', path })));
  const base = { externalId: call, state: 'ACTIVE' as const, agents: [agent] };
  if (!answer.success) return { type: 'call', call: base };
  const { callfeature, caller, called, callskill: queue, begintime } = answer.data;
  const startedAt = begintime === null ? null : instant(source.gateway.clock.toOurs(begintime));
  return { type: 'call', call: { ...base, direction: directionOf(callfeature), ...reported({ caller, called, queue, startedAt }) } };
};

/** The serial number of the recording that runs; '' where none does, null where the gateway does not say. */
const fetchRunningSerial = async (fetch: Fetch): Promise<string | null> => {
  const request = { operation: 'syncagentinfo', method: 'POST', path: `/onlineagent/${fetch.agent}/syncagentinfo` } as const;
  const answer = syncResult.safeParse(await orNull(read(fetch, request)));
  return answer.success ? (answer.data.agentStateInfo.recordID ?? '') : null;
};

/** Judges whether a recording goes on, by the agent's calls and the serial number of what runs; a `serial` of null is not known. */
const isGoingOn = (recording: Recording, calls: readonly string[], serial: string | null): boolean => {
  if (isScreen(recording)) return true;
  if (recording.call !== null && !calls.includes(recording.call)) return false;
  if (recording.state === 'STARTING') return true;
  return serial === null || (serial !== '' && (recording.vendorData?.recordID ?? serial) === serial);
};

/** The calls that the agent was in and is not in any more: over, or with another agent now. */
const goneCalls = ({ source, agent }: Fetch, calls: readonly string[]) => {
  const { known } = source.context;
  const before = known.agent(agent);
  const others = source.settings.agents.flatMap(({ id }) => (id === agent ? [] : [id]));
  const gone = [before?.activeCall, ...(before?.inactiveCalls ?? [])].flatMap((call) => (call && !calls.includes(call) ? [call] : []));
  const isOver = (call: string) => !isElsewhere(call, { agent, others, known });
  return { over: gone.filter(isOver), elsewhere: gone.filter((call) => !isOver(call)) };
};

const endedCall = (externalId: string, nowMs: number): Observation => ({
  type: 'call',
  call: { externalId, state: 'ENDED', endedAt: instant(nowMs) },
});

const stoppedRecording = ({ externalId }: Recording): Observation => ({ type: 'recording', recording: { externalId, state: 'STOPPED' } });

/**
 * The agent's state, calls and what may still be recording: one vendor call for an agent who is not in a call. `fresh` is for a
 * session that has just begun, whose empty event queue `syncagentinfo` may clear: it alone shows whether a recording runs.
 */
export const fetchAgentState = async (
  agentSession: AgentSession,
  { fresh, signal }: { fresh: boolean; signal?: AbortSignal },
): Promise<readonly Observation[]> => {
  const { source, agent } = agentSession;
  const { clock, known } = source.context;
  const fetch: Fetch = { ...agentSession, signal };
  const { agentState, isWorking } = await fetchStatus(fetch);
  const status = agentStatusOf(agentState);
  const shown = { externalId: agent, status, vendorStatus: String(agentState) };
  const inCall = isWorking || status === 'ON_CALL';
  const calls = inCall ? await fetchCallIds(fetch) : [];
  if (calls === null) return [{ type: 'agent', agent: shown }];

  const live = known.liveRecordings(agent);
  const serial = fresh && inCall && live.some(({ state }) => state === 'RECORDING') ? await fetchRunningSerial(fetch) : null;
  const goingOn = live.filter((recording) => isGoingOn(recording, calls, serial));
  const { over, elsewhere } = goneCalls(fetch, calls);
  const before = known.agent(agent);
  const activeCall = calls.find((call) => call === before?.activeCall) ?? calls[0] ?? null;
  const details: Observation[] = [];
  for (const call of calls) if (known.call(call) === null) details.push(await fetchCall(fetch, call));
  const liveness: Observation = {
    type: 'liveness',
    agent,
    calls: [...calls, ...elsewhere],
    recordings: goingOn.map(({ externalId }) => externalId),
  };
  return [
    ...details,
    // A liveness observation names what is recording, which in a call only `syncagentinfo` shows.
    ...(inCall && serial === null
      ? [...over.map((call) => endedCall(call, clock.now())), ...live.filter((one) => !goingOn.includes(one)).map(stoppedRecording)]
      : [liveness]),
    { type: 'agent', agent: { ...shown, activeCall, inactiveCalls: calls.filter((call) => call !== activeCall) } },
  ];
};
