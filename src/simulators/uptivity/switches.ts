/** Behaviour that the vendor's documents leave open: the most likely value, until a test sets another. */
export interface UptivitySwitches {
  /** The answer to `GetAll` while the tracker is empty. */
  emptyGetAll: 'list' | '404';
  /** True if `AgentId` and `Agent ID` pass for `Id`. */
  lenientIdentifiers: boolean;
  /** The answer to a start of what runs already; 200 changes nothing. */
  startAgain: 200 | 404;
  /** The answer to a stop or update with nothing to act on. */
  nothingToActOn: 200 | 404;
  /** The answer to a blackout's stop while none is in force. */
  stopWithoutBlackout: 200 | 404;
  /** The body of a command's 200. */
  commandBody: string;
  /** The body of a 404 or 500. */
  errorBody: 'empty' | 'message';
  /** `CallState` of calls on hold or parked. */
  heldCallState: string;
  /** True if a recording that was stopped is still listed at its call. */
  stoppedRecordings: 'listed' | 'removed';
  /** When a screen recording gets its identifier. */
  screenIdentifier: 'atStop' | 'atStart';
  /** `RecordingState` of what a blackout masks; the documents know only `Recording`. */
  maskedRecordingState: string;
  /** True if a blackout ends with the call, as an installation on premises may be set. */
  blackoutsEndWithCall: boolean;
  /** True if `CallMetadata` may write keys other than user1 to user15. */
  anyMetadataKey: boolean;
  /** `maxagentblackout`. */
  maxAgentBlackoutSeconds: number;
  /** How long until another node of the recorder learns of a blackout. */
  propagationMs: number;
  /** The zone of the recorder's times. */
  timeZone: string;
  dateOrder: 'MDY' | 'DMY';
}

export const usualSwitches: UptivitySwitches = {
  emptyGetAll: 'list',
  lenientIdentifiers: false,
  startAgain: 200,
  nothingToActOn: 404,
  stopWithoutBlackout: 200,
  commandBody: '',
  errorBody: 'empty',
  heldCallState: 'OnHold',
  stoppedRecordings: 'listed',
  screenIdentifier: 'atStop',
  maskedRecordingState: 'Recording',
  blackoutsEndWithCall: false,
  anyMetadataKey: false,
  maxAgentBlackoutSeconds: 300,
  propagationMs: 0,
  timeZone: 'America/New_York',
  dateOrder: 'MDY',
};
