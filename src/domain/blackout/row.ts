/** A blackout's row: as it begins, and what it says. */
import type { Blackout, Instant, SourceKey } from '../model/entities.ts';
import { openBlackoutStates } from '../model/enums.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { BlackoutContext } from './context.ts';
import { type BlackoutChange, stateAfter } from './transitions.ts';

export const agentKey = ({ source, agent }: Pick<Blackout, 'source' | 'agent'>): SourceKey => ({ source, externalId: agent });

export const isOpen = (row: Blackout): boolean => openBlackoutStates.includes(row.state);

export const sourceOf = ({ sources }: Pick<BlackoutContext, 'sources'>, { source }: Pick<Blackout, 'source'>): VendorSource =>
  sources.get(source)!;

export const nowOf = ({ clock }: Pick<BlackoutContext, 'clock'>): Instant => instant(clock.now());

export const move = (before: Blackout, change: BlackoutChange): Pick<Blackout, 'state'> => ({ state: stateAfter(before.state, change) });

type NewBlackout = Pick<
  Blackout,
  | 'id'
  | 'source'
  | 'agent'
  | 'state'
  | 'confirmation'
  | 'support'
  | 'reason'
  | 'note'
  | 'requestedBy'
  | 'requestedAt'
  | 'startsAt'
  | 'deadline'
>;

/** A row as it is before anything came of it. */
export const newBlackout = (given: NewBlackout): Blackout => ({
  ...given,
  stopsAt: null,
  endedAt: null,
  endedBy: null,
  exposures: [],
  warnings: [],
  interrupted: [],
  version: 0,
});

/** When the vendor begins a start that it still holds, which outlives every stop before that time; null where there is none. */
export const laterStartOf = ({ clock }: Pick<BlackoutContext, 'clock'>, { heldStartAt }: Blackout): Instant | null =>
  heldStartAt !== undefined && epochMs(heldStartAt) > clock.now() ? heldStartAt : null;
