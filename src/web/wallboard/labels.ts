import type {
  AgentStatus,
  BlackoutReason,
  BlackoutState,
  BlackoutWarning,
  CallDirection,
  CommandStatus,
  RecorderOperation,
  RecordingState,
  Vendor,
} from '../generated/graphql.ts';

/** In the order in which a supervisor looks for them. */
export const statusLabels: Readonly<Record<AgentStatus, string>> = {
  ON_CALL: 'On call',
  RINGING: 'Ringing',
  ON_HOLD: 'On hold',
  WRAP_UP: 'Wrap-up',
  IDLE: 'Ready',
  BUSY: 'Busy',
  BREAK: 'Break',
  OFFLINE: 'Offline',
  UNKNOWN: 'Unknown',
};

/** A make of recorder as people write it: abbreviations stay in capitals, so `NICE_UPTIVITY` reads NICE Uptivity. */
export const vendorLabel = (vendor: Vendor): string =>
  vendor
    .split('_')
    .map((word) => (word.length <= 4 ? word : word.charAt(0) + word.slice(1).toLowerCase()))
    .join(' ');

export const reasonLabels: Readonly<Record<BlackoutReason, string>> = {
  CARD_PAYMENT: 'Card payment',
  IDENTITY: 'Identity check',
  HEALTH: 'Health',
  LEGAL: 'Legal',
  OTHER: 'Other',
};

export const warningLabels: Readonly<Record<BlackoutWarning, string>> = {
  DEADLINE_NEAR: 'Deadline is near',
  UNCONFIRMED: 'Not confirmed by the recorder',
  STOP_FAILING: 'The recorder does not take the stop',
  EXPOSED: 'Something was recorded',
  MASK_LOST: 'The recorder may have forgotten it',
};

export const directionLabels: Readonly<Record<CallDirection, string>> = {
  INBOUND: 'In',
  OUTBOUND: 'Out',
  INTERNAL: 'Internal',
  UNKNOWN: 'Call',
};

export const commandStatusLabels: Readonly<Record<CommandStatus, string>> = {
  PENDING: 'Asked',
  ACCEPTED: 'Accepted',
  CONFIRMED: 'Confirmed',
  FAILED: 'Failed',
};

const sentence = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase().replaceAll('_', ' ');

/** Words of the contract that read well as they are. */
export const wordLabel = (word: RecorderOperation | RecordingState | BlackoutState): string => sentence(word);
