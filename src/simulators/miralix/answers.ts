import type { QueueRecording } from '../../vendors/miralix/wire.ts';
import { type ContactCenter, fullName, type SimulatedAgent, ticks } from './contact-center.ts';
import type { Switches } from './switches.ts';

export interface Answer {
  status: number;
  /** A list is written item by item, since it may be long. */
  list?: readonly unknown[];
  json?: unknown;
  bytes?: Buffer;
}

const order = ['7.0', '7.1', '7.2', '7.3', '8.0'];
const has = (version: Switches['version'], least: string): boolean => order.indexOf(version) >= order.indexOf(least);

/** Applies the traits of the configured server version to an answer. */
export const rules = (switches: Switches) => ({
  cursor: has(switches.version, '7.0'),
  invalid: has(switches.version, '7.0') ? 400 : 404,
  licences: has(switches.version, '7.1'),
  userRecordings: has(switches.version, '7.2'),
});

/** The number a JSON integer is written as. */
const integer = (value: string | null | undefined): number | null | undefined => (value == null ? value : Number(value));

/** 6.5 documents seven fields; later versions put those of the queue before them. */
export const recordingJson = (recording: QueueRecording, switches: Switches) => ({
  QueueId: rules(switches).cursor ? integer(recording.QueueId) : undefined,
  QueueName: rules(switches).cursor ? recording.QueueName : undefined,
  QueueCallId: recording.QueueCallId,
  QueueCallType: rules(switches).cursor ? recording.QueueCallType : undefined,
  Culture: rules(switches).cursor ? recording.Culture : undefined,
  ConversationStartedUtc: recording.ConversationStartedUtc,
  ConversationEndedUtc: recording.ConversationEndedUtc,
  AgentName: recording.AgentName,
  AgentId: integer(recording.AgentId),
  RecordingFileName: recording.RecordingFileName,
  Caller: recording.Caller,
});

export const agentJson = (agent: SimulatedAgent, contactCenter: ContactCenter, switches: Switches) => {
  const status = { Status: !agent.loggedIn ? 'LoggedOut' : contactCenter.callOf(agent.id) ? 'Busy' : 'LoggedIn' };
  const shown = { word: status, flag: { LoggedIn: agent.loggedIn }, none: {} };
  return {
    AgentId: agent.id,
    AgentForename: agent.forename,
    AgentSurname: agent.surname,
    AgentName: fullName(agent),
    AgentEmail: agent.email,
    AgentDepartmentName: agent.department,
    AgentDepartmentId: 1,
    AgentCompanyName: 'Greenbox',
    ...shown[switches.statusField],
  };
};

export const busyJson = (agent: SimulatedAgent, contactCenter: ContactCenter) => {
  const call = contactCenter.callOf(agent.id);
  return (
    call && {
      AgentId: agent.id,
      AgentName: fullName(agent),
      QueueId: call.queueId,
      QueueName: contactCenter.queues.get(call.queueId),
      QueueCallId: call.queueCallId,
      QueueCallType: call.type,
      Caller: call.caller,
      State: call.state,
      OfferedUtc: ticks(call.offeredMs, call.queueCallId),
      AnsweredUtc: call.answeredMs === null ? null : ticks(call.answeredMs, call.queueCallId),
    }
  );
};
