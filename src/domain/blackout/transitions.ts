/** Every way in which a blackout's state may change. What is not in the table cannot happen. */
import type { BlackoutState } from '../model/enums.ts';

export const blackoutChanges = ['begin', 'refuse', 'cancel', 'stop', 'elapse', 'land', 'undo', 'vendorStop'] as const;

/**
 * begin: the vendor has said yes and the start time has come. refuse: the vendor said no to the start. cancel: stopped before
 * anything was sent. stop: an end is wanted and must be sent. elapse: an end that the vendor holds already has come. land: the
 * stop was accepted. undo: the stop of a start that was never accepted was accepted. vendorStop: another actor's stop was seen.
 */
export type BlackoutChange = (typeof blackoutChanges)[number];

export const transitions: Readonly<Record<BlackoutState, Partial<Record<BlackoutChange, BlackoutState>>>> = {
  SCHEDULED: { begin: 'ACTIVE', refuse: 'FAILED', cancel: 'ENDED', stop: 'STOPPING', vendorStop: 'ENDED' },
  ACTIVE: { stop: 'STOPPING', elapse: 'ENDED', vendorStop: 'ENDED' },
  STOPPING: { land: 'ENDED', undo: 'FAILED', vendorStop: 'ENDED' },
  ENDED: {},
  FAILED: {},
};

/** The state after a change; throws for one that the table does not have. */
export const stateAfter = (state: BlackoutState, change: BlackoutChange): BlackoutState => {
  const next = transitions[state][change];
  if (next) return next;
  throw new Error(`A blackout in state ${state} cannot ${change}.`);
};
