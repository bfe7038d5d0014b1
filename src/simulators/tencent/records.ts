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
  for (const { recordId, start, end } of tracksOf(call)) storage.keep(recordId, { startSeconds: start, lengthSeconds: end - start });
  for (let index = 0; index < call.voicemails; index += 1) {
    storage.keep(voicemailFile(call, index), { startSeconds: call.start, lengthSeconds: 6 });
  }
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
      CustomRecordURL: switches.customBucket ? storage.customLink(track.recordId, track.start) : undefined,
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
  const customLink = (recordId: string, start: number) => (switches.customBucket ? storage.customLink(recordId, start) : undefined);
  const recorded = call.accept > 0;
  return {
    ...common(call),
    Time: call.start,
    EndStatus: call.endStatus.code,
    RecordURL: recorded ? storage.signedLink(call.recordId) : '',
    CustomRecordURL: recorded ? customLink(call.recordId, call.accept) : undefined,
    IVRKeyPressed: [],
    PostIVRKeyPressed: call.ratings.map(({ key, label }) => ({ Key: key, Label: label, Timestamp: call.ended * 1000 })),
    ServeParticipants: call.participants.map((one, index) => ({
      ...participantOf(one, index),
      RecordURL: one.accept > 0 ? storage.signedLink(one.recordId) : '',
      CustomRecordURL: one.accept > 0 ? customLink(one.recordId, one.accept) : undefined,
    })),
    UUI: null,
    Uui: null,
    AsrStatus: 'NotExists',
    VoicemailRecordURL: Array.from({ length: call.voicemails }, (_, index) => storage.signedLink(voicemailFile(call, index))),
  };
};
