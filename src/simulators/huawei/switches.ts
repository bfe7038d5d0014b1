/** Behaviour that the vendor's documents leave open or a site sets: the most likely value, until a test sets another. */
export interface HuaweiSwitches {
  /** AUTHMODE 1 or 2. */
  authMode: 'static' | 'dynamic';
  /** GUIDINTERVAL and GUIDTIMEOUT. */
  guidIntervalMs: number;
  guidTimeoutMs: number;
  /** True if the GUID before the last rotation is refused at once instead of until its own timeout. */
  strictGuids: boolean;
  /** The answer to a bad or expired GUID. */
  lostCode: '100-006' | '000-003';
  /** AGENT_POLL_WAIT_TIMES × AGENT_POLL_WAIT_INTERVAL; 0 answers at once. */
  pollHoldMs: number;
  /** MAXTIME: how long a session lives without a request. */
  idleKickMs: number;
  /** The body of a poll that brings nothing. */
  emptyPoll: 'null' | 'absent' | 'list';
  /** True if events come bare, without their envelope. */
  bareEvents: boolean;
  jsonKeys: boolean;
  eventGenTime: boolean;
  /** True if times are sent in whole seconds, as some versions do. */
  timesInSeconds: boolean;
  /** By how much the clock of the node that records is ahead of the gateway's. */
  recorderAheadMs: number;
  /** Which fields AgentMediaEvent_StopRecordDone has. */
  stopRecordDone: 2024 | 2025 | 2026;
  stopRecordDoneFirst: boolean;
  /** Which agent ids the paths take, and what others are answered. */
  idRange: readonly [number, number];
  outOfRange: '404' | '000-002';
  /** IF_ENABLE_AGENT_SELFRECORD. */
  selfRecord: boolean;
  /** True if the platform records each call by itself, and how long after the call began to be talked. */
  autoRecord: boolean;
  autoRecordAfterMs: number;
  /** How long a command takes to show in events. */
  recordDelayMs: number;
  /** True if accepted starts then fail. */
  recordFails: boolean;
  /** The answer to a sign-out during a call, which never signs out. */
  logoutInCall: '100-010' | '0';
  /** CTI pool with locationautoadaptswitch=false. */
  poolMode: boolean;
  downloads: boolean;
  /** How long after its end a file can be downloaded. */
  fileDelayMs: number;
  container: 'raw' | 'wav';
  /** True if a WAV's header promises twice what the file holds, as one that was copied while it grew. */
  cutShort: boolean;
  /** How many events are dropped before they reach a queue. */
  loseEvents: number;
  /** True if another client's session may be taken over. */
  forceAllowed: boolean;
  /** HTTP status of an answer with another retcode than 0. */
  errorStatus: number;
  cookies: boolean;
}

export const usualSwitches: HuaweiSwitches = {
  authMode: 'dynamic',
  guidIntervalMs: 60_000,
  guidTimeoutMs: 120_000,
  strictGuids: false,
  lostCode: '100-006',
  pollHoldMs: 10_000,
  idleKickMs: 120_000,
  emptyPoll: 'null',
  bareEvents: false,
  jsonKeys: false,
  eventGenTime: false,
  timesInSeconds: false,
  recorderAheadMs: 0,
  stopRecordDone: 2024,
  stopRecordDoneFirst: true,
  idRange: [1, 59_999],
  outOfRange: '404',
  selfRecord: true,
  autoRecord: true,
  autoRecordAfterMs: 0,
  recordDelayMs: 0,
  recordFails: false,
  logoutInCall: '100-010',
  poolMode: false,
  downloads: true,
  fileDelayMs: 0,
  container: 'raw',
  cutShort: false,
  loseEvents: 0,
  forceAllowed: true,
  errorStatus: 200,
  cookies: false,
};
