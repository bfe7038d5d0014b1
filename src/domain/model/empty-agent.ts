import type { Agent, SourceKey } from './entities.ts';

/** An agent of whom nothing is known but the key. */
export const emptyAgent = ({ source, externalId }: SourceKey): Agent => ({
  source,
  externalId,
  name: null,
  email: null,
  phone: null,
  sipUri: null,
  username: null,
  systemUsername: null,
  crmUsername: null,
  syncId: null,
  deviceId: null,
  deviceAlias: null,
  devices: [],
  businessUnit: null,
  status: 'UNKNOWN',
  vendorStatus: null,
  statusSince: null,
  observedAt: null,
  absentSince: null,
  activeCall: null,
  inactiveCalls: [],
  desktopRecordings: [],
});
