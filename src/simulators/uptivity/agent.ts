/** The agent object as the vendor documents it: property names, their order and their types. */

export interface SimulatedRecording {
  RecordingIdentifier: string;
  IsDuplicate: boolean;
  RecordingState: string;
  CallInstance: string;
}

export interface SimulatedScreenRecording {
  RelatedCallInstance: string;
  /** The lower-case i is the vendor's. */
  ScreenRecordingidentifier: string;
  RecordingState: string;
}

export interface SimulatedCall {
  CallInstance: string;
  Metadata: Record<string, string>;
  CallState: string;
  Recordings: SimulatedRecording[];
  ScreenRecordings: SimulatedScreenRecording[];
}

export interface SimulatedAgent {
  AgentId: number;
  BusinessUnit: number;
  AgentPhone: string;
  SystemUsername: string;
  CrmUsername: string;
  ActiveCall: SimulatedCall | null;
  InactiveCalls: SimulatedCall[];
  Username: string | null;
  DeviceId: string;
  DeviceAlias: string;
  DesktopOnlySessions: SimulatedScreenRecording[];
}

/** An agent in no call. */
export const idleAgent = (id: number, fields: Partial<SimulatedAgent> = {}): SimulatedAgent => {
  const phone = fields.AgentPhone ?? String(5001 + id);
  return {
    AgentId: id,
    BusinessUnit: 0,
    AgentPhone: phone,
    SystemUsername: `agent${id}`,
    CrmUsername: '',
    ActiveCall: null,
    InactiveCalls: [],
    Username: null,
    DeviceId: phone,
    DeviceAlias: '',
    DesktopOnlySessions: [],
    ...fields,
  };
};

interface NewCall {
  callInstance: string;
  direction: 'I' | 'O';
  ani: string;
  dnis: string;
  gate: string;
  skillGroup: string;
  /** In the recorder's own format and zone. */
  startTime: string;
}

/** A call that an agent has just taken; its metadata has every documented key in the documented order. */
export const newCall = (agent: SimulatedAgent, call: NewCall): SimulatedCall => ({
  CallInstance: call.callInstance,
  Metadata: {
    deviceid: agent.DeviceId,
    devicealias: agent.DeviceAlias,
    gate: call.gate,
    ani: call.ani,
    dnis: call.dnis,
    ...Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`user${index + 1}`, ''])),
    callid: call.callInstance,
    sgroup: call.skillGroup,
    callinstance: call.callInstance,
    calldirection: call.direction,
    station: '',
    istrunk: '',
    sessionid: '',
    starttime: call.startTime,
    // Not an end: the vendor writes the start here for as long as the call lives.
    endtime: call.startTime,
    callsegmentid: '',
    keepdays: '-1',
    archiveaction: '-1',
  },
  CallState: 'OnCall',
  Recordings: [],
  ScreenRecordings: [],
});

/** The agent that the vendor prints as its example: in a call, audio and screen being recorded. */
export const sampleAgent = (): SimulatedAgent => {
  const callInstance = 'fe0b6231-1ffcce90-c84c9c5f@10.100.6.20';
  const agent = idleAgent(2, { AgentPhone: '5003', SystemUsername: 'me' });
  const call = newCall(agent, {
    callInstance,
    direction: 'O',
    ani: '5003',
    dnis: '4000',
    gate: '12',
    skillGroup: '40',
    startTime: '12/08/2016 15:06:40',
  });
  const thousands = [8, 6, 4, 6, 2, 4, 6, 2, 2, 4, 7, 4, 8, 1, 1];
  thousands.forEach((value, index) => {
    call.Metadata[`user${index + 1}`] = `u${index + 1}-${value}000`;
  });
  call.Recordings.push({
    RecordingIdentifier: 'f2376544-2542-47c0-be51-bb2909b740a2',
    IsDuplicate: false,
    RecordingState: 'Recording',
    CallInstance: callInstance,
  });
  call.ScreenRecordings.push({ RelatedCallInstance: callInstance, ScreenRecordingidentifier: '', RecordingState: 'Recording' });
  return { ...agent, ActiveCall: call };
};
