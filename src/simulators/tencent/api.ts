/** The pull API: one address for every action, errors in HTTP 200, a limit of requests a second for each action. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import type { Floor, SimulatedAgent, SimulatedCall } from './floor.ts';
import { pulledRecordOf, type RecordContext } from './records.ts';
import { type Tc3Keys, tc3Fault } from './tc3.ts';

class ApiError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

type Parameters = Readonly<Record<string, unknown>>;

const daySeconds = 86_400;

const numberIn = (parameters: Parameters, name: string): number => {
  const value = parameters[name];
  if (value === undefined) throw new ApiError('MissingParameter');
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new ApiError('InvalidParameter');
  return value;
};

const listIn = (parameters: Parameters, name: string): readonly unknown[] | null => {
  const value = parameters[name];
  if (value === undefined) return null;
  if (!Array.isArray(value)) throw new ApiError('InvalidParameter');
  return value;
};

export interface ApiOptions extends RecordContext {
  clock: Clock;
  random: Random;
  floor: Floor;
  keys: Tc3Keys;
}

export interface Api {
  /** Returns the whole answer to a POST, always with HTTP 200. */
  handle(headers: IncomingHttpHeaders, body: Buffer): string;
  /** Returns how many requests of an action came, or of all. */
  callsMade(action?: string): number;
  busiestSecond(action: string): number;
  /** Refuses the next `times` requests of an action, `*` for any, with this code. */
  refuse(action: string, code: string, times?: number): void;
}

export const createApi = (options: ApiOptions): Api => {
  const { clock, floor, switches } = options;
  const now = () => Math.floor(clock.now() / 1000);
  const calls = new Map<string, number>();
  const recent = new Map<string, number[]>();
  const planned: { action: string; code: string }[] = [];
  /** The busiest second of each action. */
  const busiest = new Map<string, number>();

  const span = (parameters: Parameters, startName: string, endName: string): { start: number; end: number } => {
    const start = numberIn(parameters, startName);
    const end = numberIn(parameters, endName);
    if (start < now() - 180 * daySeconds || end - start >= 90 * daySeconds || end < start) throw new ApiError(switches.outOfRangeCode);
    return { start, end };
  };

  const page = <T>(list: readonly T[], parameters: Parameters, largest: number): readonly T[] => {
    const size = numberIn(parameters, 'PageSize');
    const number = numberIn(parameters, 'PageNumber');
    if (size < 1 || size > largest || number < 0) throw new ApiError('InvalidParameterValue');
    return list.slice(number * size, (number + 1) * size);
  };

  const word = (status: string) => (switches.lowerCaseStatus ? status.toLowerCase() : status);
  const staffOf = (agent: SimulatedAgent) => ({
    Name: agent.name,
    Mail: agent.mail,
    Phone: agent.phone,
    Nick: agent.nick,
    StaffNumber: agent.staffNumber,
    RoleList: [1],
    SkillGroupList: [{ SkillGroupId: agent.skillGroup.id, SkillGroupName: agent.skillGroup.name, Priority: 1, Type: 'ALL' }],
    LastModifyTimestamp: agent.statusSince,
  });
  const statusOf = (agent: SimulatedAgent) => ({
    Email: agent.mail,
    Status: word(agent.status),
    StatusExtra: { Type: 'tel', Direct: 'in' },
    OnlineDuration: 0,
    Reason: '',
    ReserveRest: false,
    ReserveNotReady: false,
    LastOnlineTimestamp: null,
    LastStatusTimestamp: agent.statusSince,
  });
  /** With the timestamps as strings, as the vendor has them in this list only. */
  const sessionOf = (call: SimulatedCall) => ({
    SessionID: call.sessionId,
    RoomID: '1',
    Caller: call.caller,
    Callee: call.callee,
    StartTimestamp: String(call.start),
    AcceptTimestamp: String(call.accept),
    RingTimestamp: call.ring,
    StaffEmail: call.participants.at(-1)?.agent.mail ?? '',
    StaffNumber: call.participants.at(-1)?.agent.staffNumber ?? '',
    SessionStatus: word(call.status),
    Direction: call.direction,
    ProtectedCaller: '',
    ProtectedCallee: '',
  });

  const actions = new Map<string, (parameters: Parameters) => object>([
    [
      'DescribeTelCdr',
      (parameters) => {
        const { start, end } = span(parameters, 'StartTimeStamp', 'EndTimeStamp');
        const sessions = listIn(parameters, 'SessionIds');
        const phones = listIn(parameters, 'Phones');
        const found = floor.records
          .filter((call) => call.start >= start && call.start <= end)
          .filter((call) => sessions === null || sessions.includes(call.sessionId))
          .filter((call) => phones === null || phones.includes(call.caller) || phones.includes(call.callee))
          .reverse();
        return {
          TotalCount: found.length,
          TelCdrs: null,
          TelCdrList: page(found, parameters, 100).map((call) => pulledRecordOf(call, options)),
        };
      },
    ],
    [
      'DescribeSessionDetail',
      (parameters) => {
        span(parameters, 'StartTimestamp', 'EndTimestamp');
        const call = floor.records.find(({ sessionId }) => sessionId === parameters.SessionId);
        if (!call) throw new ApiError('InvalidParameterValue.RecordNotExist');
        const { StartTimestamp, ...rest } = pulledRecordOf(call, options);
        return { ...rest, StartTimeStamp: StartTimestamp, Events: [] };
      },
    ],
    [
      'DescribePSTNActiveSessionList',
      (parameters) => {
        const offset = numberIn(parameters, 'Offset');
        const limit = numberIn(parameters, 'Limit');
        if (limit < 1 || limit > 25 || offset < 0) throw new ApiError('InvalidParameterValue');
        const all = [...floor.live.values()];
        return { Total: all.length, Sessions: all.slice(offset, offset + limit).map(sessionOf) };
      },
    ],
    [
      'DescribeStaffInfoList',
      (parameters) => {
        const found = [...floor.agents.values()].filter(({ mail }) => parameters.StaffMail === undefined || parameters.StaffMail === mail);
        return { TotalCount: found.length, StaffList: page(found, parameters, 9999).map(staffOf) };
      },
    ],
    [
      'DescribeStaffStatusMetrics',
      (parameters) => {
        const only = listIn(parameters, 'StaffList');
        return { Metrics: [...floor.agents.values()].filter(({ mail }) => only === null || only.includes(mail)).map(statusOf) };
      },
    ],
  ]);

  const withinLimit = (action: string): boolean => {
    const nowMs = clock.now();
    const times = (recent.get(action) ?? []).filter((time) => nowMs - time < 1000);
    times.push(nowMs);
    recent.set(action, times);
    busiest.set(action, Math.max(busiest.get(action) ?? 0, times.length));
    return times.length <= switches.requestsPerSecond;
  };

  const answer = (headers: IncomingHttpHeaders, body: Buffer): object => {
    const action = String(headers['x-tc-action'] ?? '');
    calls.set(action, (calls.get(action) ?? 0) + 1);
    const fault = tc3Fault(headers, body, options.keys, clock.now());
    if (fault) throw new ApiError(fault);
    if (headers['x-tc-version'] !== '2020-02-10') throw new ApiError('InvalidParameter');
    const run = actions.get(action);
    if (!run) throw new ApiError('InvalidAction');
    if (!withinLimit(action)) throw new ApiError('RequestLimitExceeded');
    const plan = planned.findIndex((one) => one.action === action || one.action === '*');
    if (plan >= 0) throw new ApiError(planned.splice(plan, 1)[0]!.code);
    let parameters: Parameters;
    try {
      parameters = JSON.parse(body.toString('utf8')) as Parameters;
    } catch {
      throw new ApiError('InvalidParameter');
    }
    if (parameters.SdkAppId === undefined) throw new ApiError('MissingParameter');
    if (parameters.SdkAppId !== options.sdkAppId) throw new ApiError('InvalidParameterValue.InstanceNotExist');
    return run(parameters);
  };

  return {
    handle: (headers, body) => {
      const RequestId = options.random.guid();
      try {
        return JSON.stringify({ Response: { ...answer(headers, body), RequestId } });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return JSON.stringify({ Response: { Error: { Code: error.code, Message: 'The request was refused.' }, RequestId } });
      }
    },
    callsMade: (action) => (action === undefined ? [...calls.values()].reduce((sum, one) => sum + one, 0) : (calls.get(action) ?? 0)),
    busiestSecond: (action) => busiest.get(action) ?? 0,
    refuse: (action, code, times = 1) => {
      for (let time = 0; time < times; time += 1) planned.push({ action, code });
    },
  };
};
