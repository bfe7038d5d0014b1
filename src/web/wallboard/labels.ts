import type {
  AgentStatus,
  BlackoutEnd,
  BlackoutReason,
  BlackoutState,
  BlackoutWarning,
  CallDirection,
  CommandStatus,
  Confirmation,
  RecorderOperation,
  RecordingState,
  Vendor,
} from '../generated/graphql.ts';
import type { Grouping, Layout, Sort } from './board-view.ts';

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
  DEADLINE_NEAR: 'Ends soon',
  UNCONFIRMED: 'Not confirmed by the recorder',
  STOP_FAILING: 'The recorder does not accept the stop',
  EXPOSED: 'Something was recorded',
  MASK_LOST: 'The recorder may have forgotten the blackout',
};

export const confirmationLabels: Readonly<Record<Confirmation, string>> = {
  PENDING: 'Sent',
  ACCEPTED: 'Accepted',
  CONFIRMED: 'Confirmed',
};

export const endLabels: Readonly<Record<BlackoutEnd, string>> = {
  OPERATOR: 'ended on request',
  SCHEDULE: 'ended on schedule',
  DEADLINE: 'ended at its deadline',
  VENDOR: 'ended by the recorder',
};

export const directionLabels: Readonly<Record<CallDirection, string>> = {
  INBOUND: 'In',
  OUTBOUND: 'Out',
  INTERNAL: 'Internal',
  UNKNOWN: 'Call',
};

export const commandStatusLabels: Readonly<Record<CommandStatus, string>> = {
  PENDING: 'Sent',
  ACCEPTED: 'Accepted',
  CONFIRMED: 'Confirmed',
  FAILED: 'Failed',
};

export const sortLabels: Readonly<Record<Sort, string>> = {
  urgency: 'Urgency',
  time: 'Time in status',
  name: 'Name',
  source: 'Source',
  queue: 'Queue',
  team: 'Team',
};

export const groupingLabels: Readonly<Record<Grouping, string>> = {
  none: 'Nothing',
  urgency: 'Urgency',
  status: 'Status',
  source: 'Source',
  queue: 'Queue',
  team: 'Team',
};

export const layoutLabels: Readonly<Record<Layout, string>> = { fit: 'Fit the screen', large: 'Large tiles', rows: 'Compact rows' };

const sentence = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase().replaceAll('_', ' ');

/** Words of the contract that read well as they are. */
export const wordLabel = (word: RecorderOperation | RecordingState | BlackoutState): string => sentence(word);
