/** Plans the next action of an open blackout and its time: rows are the timers, so that a restart forgets nothing. */

import type { Blackout } from '../model/entities.ts';
import type { BlackoutWarning } from '../model/enums.ts';
import { epochMs, epochMsOrNull } from '../model/instant.ts';

type Step =
  | { step: 'mask' }
  | { step: 'begin' }
  | { step: 'judge' }
  | { step: 'maskAgain' }
  | { step: 'end'; by: 'OPERATOR' | 'SCHEDULE' | 'DEADLINE' }
  | { step: 'unmask' }
  | { step: 'warn'; warning: BlackoutWarning };

export type PlannedStep = Step & { atMs: number };

interface Traits {
  confirmable: boolean;
  confirmMs: number;
  /** Before this no vendor command is tried again; 0 where nothing was tried. */
  retryAtMs: number;
  /** True if something is known of the agent that the blackout has not been compared with. */
  isUnjudged: boolean;
}

const never = Number.POSITIVE_INFINITY;

const minNearMs = 15_000;

/** How long before the deadline it is warned of: a fifth of the time, at least 15 seconds of it, at most half. */
const nearMs = (lengthMs: number): number => Math.min(lengthMs / 2, Math.max(lengthMs / 5, minNearMs));

/** Returns true if it was warned of since then. */
export const wasWarned = ({ warnings }: Blackout, warning: BlackoutWarning, sinceMs: number): boolean =>
  warnings.some((one) => one.warning === warning && epochMs(one.at) >= sinceMs);

/** Earliest first; empty for one that is over. */
export const planOf = (blackout: Blackout, { confirmable, confirmMs, retryAtMs, isUnjudged }: Traits): readonly PlannedStep[] => {
  const startsAtMs = epochMs(blackout.startsAt);
  const deadlineMs = epochMs(blackout.deadline);
  const requestedMs = epochMs(blackout.requestedAt);
  const stopsAtMs = epochMsOrNull(blackout.stopsAt) ?? never;
  const steps: PlannedStep[] = [];
  // A start that was sent again starts what is warned of anew.
  const sentMs = epochMs(blackout.sentAt ?? blackout.requestedAt);
  const warnAt = (warning: BlackoutWarning, atMs: number) => {
    if (!wasWarned(blackout, warning, sentMs)) steps.push({ step: 'warn', warning, atMs });
  };
  const inForceFromMs = Math.max(startsAtMs, sentMs);
  const end: PlannedStep =
    stopsAtMs <= deadlineMs ? { step: 'end', by: 'SCHEDULE', atMs: stopsAtMs } : { step: 'end', by: 'DEADLINE', atMs: deadlineMs };

  if (blackout.state === 'SCHEDULED') {
    const sendAtMs = blackout.support === 'NATIVE' ? requestedMs : startsAtMs;
    if (blackout.confirmation === 'PENDING') {
      steps.push({ step: 'mask', atMs: Math.max(sendAtMs, retryAtMs) });
      warnAt('UNCONFIRMED', inForceFromMs + confirmMs);
    } else steps.push({ step: 'begin', atMs: startsAtMs });
    steps.push(end);
  } else if (blackout.state === 'ACTIVE') {
    steps.push(end);
    if (isUnjudged) steps.push({ step: 'judge', atMs: Math.max(requestedMs, retryAtMs) });
    warnAt('DEADLINE_NEAR', deadlineMs - nearMs(deadlineMs - inForceFromMs));
    if (blackout.support === 'NATIVE' && blackout.confirmation === 'PENDING')
      steps.push({ step: 'mask', atMs: Math.max(requestedMs, retryAtMs) });
    if (blackout.confirmation !== 'CONFIRMED') {
      const acceptedMs = epochMsOrNull(blackout.acceptedAt);
      if (confirmable || blackout.confirmation === 'PENDING') warnAt('UNCONFIRMED', Math.max(inForceFromMs, acceptedMs ?? 0) + confirmMs);
      if (blackout.support === 'EMULATED') {
        const dueMs = acceptedMs === null ? requestedMs : acceptedMs + confirmMs;
        steps.push({ step: 'maskAgain', atMs: Math.max(dueMs, retryAtMs) });
      }
    }
  } else if (blackout.state === 'STOPPING') {
    steps.push({ step: 'unmask', atMs: Math.max(requestedMs, retryAtMs) });
  }
  return steps.filter(({ atMs }) => atMs < never).sort((left, right) => left.atMs - right.atMs);
};
