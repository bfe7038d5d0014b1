/** Rows of which nothing has been shown yet. */
import type { Call, Recording } from '../model/entities.ts';

export const emptyCall = (source: string, externalId: string): Call => ({
  source,
  externalId,
  state: 'UNKNOWN',
  vendorState: null,
  direction: 'UNKNOWN',
  caller: null,
  called: null,
  queue: null,
  startedAt: null,
  answeredAt: null,
  endedAt: null,
  legs: [],
  agents: [],
  metadata: [],
});

export const emptyRecording = (source: string, externalId: string): Recording => ({
  source,
  externalId,
  kind: 'AUDIO',
  state: 'UNKNOWN',
  vendorState: null,
  isDuplicate: false,
  agent: null,
  call: null,
  party: 'UNKNOWN',
  endpoint: null,
  fileName: null,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  availableUntil: null,
  formerId: null,
  vendorData: null,
});
