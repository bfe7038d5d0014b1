/** Every way in which a blackout's state may change. A transition that is not in the table cannot happen. */
import type { BlackoutState } from '../model/enums.ts';

export const blackoutChanges = [
  'begin',
  'refuse',
  'cancel',
  'stop',
  'expired',
  'stopAccepted',
  'startRolledBack',
  'vendorStop',
  'restart',
] as const;

/**
 * begin: the vendor has accepted the start and its time has come. refuse: the vendor refused the start. cancel: stopped before anything
 * was sent. stop: an end is wanted and must be sent. expired: an end that the vendor holds already has come. stopAccepted: the vendor
 * has accepted the stop. startRolledBack: the vendor has accepted the stop of a start that it never accepted. vendorStop: another
 * actor's stop was observed. restart: a new start calls off a stop that the vendor has not accepted yet.
 */
export type BlackoutChange = (typeof blackoutChanges)[number];

export const transitions: Readonly<Record<BlackoutState, Partial<Record<BlackoutChange, BlackoutState>>>> = {
  SCHEDULED: { begin: 'ACTIVE', refuse: 'FAILED', cancel: 'ENDED', stop: 'STOPPING', vendorStop: 'ENDED' },
  ACTIVE: { stop: 'STOPPING', expired: 'ENDED', vendorStop: 'ENDED' },
  STOPPING: { stopAccepted: 'ENDED', startRolledBack: 'FAILED', vendorStop: 'ENDED', restart: 'ACTIVE' },
  ENDED: {},
  FAILED: {},
};

/** The state after a change; throws for one that the table does not have. */
export const stateAfter = (state: BlackoutState, change: BlackoutChange): BlackoutState => {
  const next = transitions[state][change];
  if (next) return next;
  throw new Error(`A blackout in state ${state} cannot ${change}.`);
};
