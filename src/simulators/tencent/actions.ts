/** The actions of the pull API. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import type { ContactCenter, SimulatedAgent, SimulatedCall } from './contact-center.ts';
import { pulledRecordOf, type RecordContext } from './records.ts';
import type { Tc3Keys } from './tc3.ts';

export class ApiError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export type Parameters = Readonly<Record<string, unknown>>;

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
  contactCenter: ContactCenter;
  keys: Tc3Keys;
}

const page = <T>(list: readonly T[], parameters: Parameters, largest: number): readonly T[] => {
  const size = numberIn(parameters, 'PageSize');
  const number = numberIn(parameters, 'PageNumber');
  if (size < 1 || size > largest || number < 0) throw new ApiError('InvalidParameterValue');
  return list.slice(number * size, (number + 1) * size);
};

const word = ({ switches }: ApiOptions, status: string): string => (switches.lowerCaseStatus ? status.toLowerCase() : status);

/** The span between two parameters. */
const span = ({ clock, switches }: ApiOptions, parameters: Parameters, [startName, endName]: readonly [string, string]) => {
  const now = Math.floor(clock.now() / 1000);
  const start = numberIn(parameters, startName);
  const end = numberIn(parameters, endName);
  if (start < now - 180 * daySeconds || end - start >= 90 * daySeconds || end < start) throw new ApiError(switches.outOfRangeCode);
  return { start, end };
};

type Action = (options: ApiOptions, parameters: Parameters) => object;

const describeTelCdr: Action = (options, parameters) => {
  const { start, end } = span(options, parameters, ['StartTimeStamp', 'EndTimeStamp']);
  const sessions = listIn(parameters, 'SessionIds');
  const phones = listIn(parameters, 'Phones');
  const found = options.contactCenter.records
    .filter((call) => call.start >= start && call.start <= end)
    .filter((call) => sessions === null || sessions.includes(call.sessionId))
    .filter((call) => phones === null || phones.includes(call.caller) || phones.includes(call.callee))
    .reverse();
  const TelCdrList = page(found, parameters, 100).map((call) => pulledRecordOf(call, options));
  return { TotalCount: found.length, TelCdrs: null, TelCdrList };
};

const describeSessionDetail: Action = (options, parameters) => {
  span(options, parameters, ['StartTimestamp', 'EndTimestamp']);
  const call = options.contactCenter.records.find(({ sessionId }) => sessionId === parameters.SessionId);
  if (!call) throw new ApiError('InvalidParameterValue.RecordNotExist');
  const { StartTimestamp, ...rest } = pulledRecordOf(call, options);
  return { ...rest, StartTimeStamp: StartTimestamp, Events: [] };
};

/** With the timestamps as strings, as the vendor has them in this list only. */
const sessionOf = (options: ApiOptions, call: SimulatedCall) => ({
  SessionID: call.sessionId,
  RoomID: '1',
  Caller: call.caller,
  Callee: call.callee,
  StartTimestamp: String(call.start),
  AcceptTimestamp: String(call.accept),
  RingTimestamp: call.ring,
  StaffEmail: call.participants.at(-1)?.agent.mail ?? '',
  StaffNumber: call.participants.at(-1)?.agent.staffNumber ?? '',
  SessionStatus: word(options, call.status),
  Direction: call.direction,
  ProtectedCaller: '',
  ProtectedCallee: '',
});

const describeActiveSessions: Action = (options, parameters) => {
  const offset = numberIn(parameters, 'Offset');
  const limit = numberIn(parameters, 'Limit');
  if (limit < 1 || limit > 25 || offset < 0) throw new ApiError('InvalidParameterValue');
  const all = [...options.contactCenter.live.values()];
  return { Total: all.length, Sessions: all.slice(offset, offset + limit).map((call) => sessionOf(options, call)) };
};

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

const describeStaff: Action = ({ contactCenter }, parameters) => {
  const found = [...contactCenter.agents.values()].filter(
    ({ mail }) => parameters.StaffMail === undefined || parameters.StaffMail === mail,
  );
  return { TotalCount: found.length, StaffList: page(found, parameters, 9999).map(staffOf) };
};

const statusOf = (options: ApiOptions, agent: SimulatedAgent) => ({
  Email: agent.mail,
  Status: word(options, agent.status),
  StatusExtra: { Type: 'tel', Direct: 'in' },
  OnlineDuration: 0,
  Reason: '',
  ReserveRest: false,
  ReserveNotReady: false,
  LastOnlineTimestamp: null,
  LastStatusTimestamp: agent.statusSince,
});

const describeStaffStatus: Action = (options, parameters) => {
  const only = listIn(parameters, 'StaffList');
  const wanted = [...options.contactCenter.agents.values()].filter(({ mail }) => only === null || only.includes(mail));
  return { Metrics: wanted.map((agent) => statusOf(options, agent)) };
};

export const actions: ReadonlyMap<string, Action> = new Map([
  ['DescribeTelCdr', describeTelCdr],
  ['DescribeSessionDetail', describeSessionDetail],
  ['DescribePSTNActiveSessionList', describeActiveSessions],
  ['DescribeStaffInfoList', describeStaff],
  ['DescribeStaffStatusMetrics', describeStaffStatus],
]);
