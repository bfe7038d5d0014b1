/** The vendor's JSON for a call that is over: pushed and pulled records, recordings, voicemails. */
import { type SimulatedCall, type SimulatedParticipant, tracksOf } from './contact-center.ts';
import type { Storage } from './storage.ts';
import type { TencentSwitches } from './switches.ts';

export interface RecordContext {
  sdkAppId: number;
  switches: TencentSwitches;
  storage: Storage;
}

const voicemailFile = (call: SimulatedCall, index: number) => `${call.recordId}-vm${index}`;

/** Puts the files of a call into the storage. */
export const keepFiles = (call: SimulatedCall, { storage }: RecordContext): void => {
  for (const track of tracksOf(call)) storage.keep(track.recordId, track.start, track.end - track.start);
  for (let index = 0; index < call.voicemails; index += 1) storage.keep(voicemailFile(call, index), call.start, 6);
};

const seatUserOf = (call: SimulatedCall) => {
  const agent = call.participants.at(-1)?.agent;
  return agent
    ? {
        Mail: agent.mail,
        Name: agent.name,
        Nick: agent.nick,
        Phone: agent.phone,
        UserId: agent.mail,
        StaffNumber: agent.staffNumber,
        SkillGroupNameList: [agent.skillGroup.name],
      }
    : null;
};

const participantOf = (one: SimulatedParticipant, index: number) => ({
  Sequence: index,
  Mail: one.agent.mail,
  Phone: '',
  RecordId: one.accept > 0 ? one.recordId : '',
  StartTimestamp: one.start,
  RingTimestamp: one.ring,
  AcceptTimestamp: one.accept,
  EndedTimestamp: one.ended,
  Type: 'staffSeat',
  SkillGroupId: one.agent.skillGroup.id,
  SkillGroupName: one.agent.skillGroup.name,
});

const common = (call: SimulatedCall) => ({
  SessionId: call.sessionId,
  QueuedSkillGroupId: call.queue.id,
  QueuedSkillGroupName: call.queue.name,
  Direction: call.direction,
  CallType: call.direction === 0 ? 2 : 1,
  StartTimestamp: call.start,
  QueuedTimestamp: call.queued,
  RingTimestamp: call.ring,
  AcceptTimestamp: call.accept,
  EndedTimestamp: call.ended,
  Duration: call.accept === 0 ? 0 : call.ended - call.accept,
  IVRDuration: call.queued - call.start,
  EndStatusString: call.endStatus.word,
  HungUpSide: call.hungUpSide,
  Caller: call.caller,
  Callee: call.callee,
  RecordId: call.accept > 0 ? call.recordId : '',
  SeatUser: seatUserOf(call),
});

export interface Push {
  action: 'cdr' | 'record' | 'voicemail';
  query: string;
  body: string;
}

export const cdrPushOf = (call: SimulatedCall, { sdkAppId, switches }: RecordContext): Push => ({
  action: 'cdr',
  query: 'action=cdr&version=1',
  body: JSON.stringify({
    SdkAppId: sdkAppId,
    ...common(call),
    IVRKeyPressed: null,
    PostIVRKeyPressed: call.ratings.map(({ key, label }) => (switches.lowerCaseKeys ? { key, label } : { Key: key, Label: label })),
    ServeParticipants: call.participants.map(participantOf),
  }),
});

/** One for each recorded side. */
export const recordPushesOf = (call: SimulatedCall, { sdkAppId, switches, storage }: RecordContext): Push[] =>
  tracksOf(call).map((track) => ({
    action: 'record',
    query: 'action=record&version=1',
    body: JSON.stringify({
      SdkAppId: sdkAppId,
      RecordId: track.recordId,
      SessionId: call.sessionId,
      Timestamp: track.end,
      EndpointUser: track.user,
      RecordURL: storage.pushedLink(track.recordId),
      ...(switches.customBucket ? { CustomRecordURL: storage.customLink(track.recordId, track.start) } : {}),
    }),
  }));

/** Without `version`, and with the number as the sample has it. */
export const voicemailPushesOf = (call: SimulatedCall, { sdkAppId, switches, storage }: RecordContext): Push[] =>
  Array.from({ length: call.voicemails }, (_, index) => ({
    action: 'voicemail',
    query: 'action=voicemail',
    body: JSON.stringify({
      SdkAppId: sdkAppId,
      SessionId: call.sessionId,
      Timestamp: call.ended,
      RecordURL: storage.pushedLink(voicemailFile(call, index)),
      EndpointUser: switches.numericEndpointUser ? Number(call.caller.replace(/^0086/, '')) : call.caller,
    }),
  }));

/** An element of TelCdrList. */
export const pulledRecordOf = (call: SimulatedCall, { switches, storage }: RecordContext) => {
  const custom = (recordId: string, start: number) =>
    switches.customBucket ? { CustomRecordURL: storage.customLink(recordId, start) } : {};
  const recorded = call.accept > 0;
  return {
    ...common(call),
    Time: call.start,
    EndStatus: call.endStatus.code,
    RecordURL: recorded ? storage.signedLink(call.recordId) : '',
    ...(recorded ? custom(call.recordId, call.accept) : {}),
    IVRKeyPressed: [],
    PostIVRKeyPressed: call.ratings.map(({ key, label }) => ({ Key: key, Label: label, Timestamp: call.ended * 1000 })),
    ServeParticipants: call.participants.map((one, index) => ({
      ...participantOf(one, index),
      RecordURL: one.accept > 0 ? storage.signedLink(one.recordId) : '',
      ...(one.accept > 0 ? custom(one.recordId, one.accept) : {}),
    })),
    UUI: null,
    Uui: null,
    AsrStatus: 'NotExists',
    VoicemailRecordURL: Array.from({ length: call.voicemails }, (_, index) => storage.signedLink(voicemailFile(call, index))),
  };
};
