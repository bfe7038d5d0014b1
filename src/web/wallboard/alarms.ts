import type { BlackoutWarning } from '../generated/graphql.ts';
import { clockWords } from './duration-words.ts';
import type { AgentView, LiveBlackout } from './live-types.ts';
import type { Thresholds } from './settings.ts';

/** How much an agent needs a supervisor. The higher, the earlier on the board. */
export type Urgency = 0 | 1 | 2 | 3 | 4 | 5;

/** From this urgency on, the page raises an alarm. */
export const alarmUrgency = 4;

interface Finding {
  urgency: Urgency;
  /** For the tile, short. */
  label: string;
  /** For the alarm bar, with what happens next. */
  sentence: string;
}

/** Warnings in the order of their weight; the first that applies is shown. */
const warningFindings: readonly (Finding & { warning: BlackoutWarning })[] = [
  { warning: 'STOP_FAILING', urgency: 5, label: 'Will not end', sentence: 'blackout will not end' },
  { warning: 'EXPOSED', urgency: 5, label: 'Exposed', sentence: 'exposed: something was recorded during the blackout' },
  { warning: 'MASK_LOST', urgency: 5, label: 'Mask lost', sentence: 'mask lost: the recorder may have forgotten the blackout' },
  { warning: 'UNCONFIRMED', urgency: 4, label: 'Unconfirmed', sentence: 'blackout not confirmed by the recorder' },
  { warning: 'DEADLINE_NEAR', urgency: 3, label: 'Ends soon', sentence: 'blackout ends soon' },
];

/** When the blackout ends if nothing fails. */
export const blackoutEnd = ({ stopsAt, deadline }: Pick<LiveBlackout, 'stopsAt' | 'deadline'>): string => stopsAt ?? deadline;

/** How late the end of a blackout is; 0 where it is not due. */
export const overdueMs = (blackout: LiveBlackout, nowMs: number): number => Math.max(0, nowMs - Date.parse(blackoutEnd(blackout)));

/** A stop usually lands within seconds; after this long the page no longer waits for a warning to say that it failed. */
const stopGraceMs = 10_000;

/** Names a blackout whose end is due and does not come. */
export const willNotEnd: Finding = warningFindings[0]!;

/** Returns what a supervisor must know of an open blackout; null where all is well. */
export const blackoutFinding = ({ blackout, warnings }: Pick<AgentView, 'blackout' | 'warnings'>, nowMs: number): Finding | null => {
  if (blackout === null) return null;
  const { state, confirmation } = blackout;
  // Warnings stay with the blackout; these two no longer hold once what they waited for has happened.
  const applies = ({ warning }: { warning: BlackoutWarning }): boolean =>
    warnings.includes(warning) &&
    !(warning === 'UNCONFIRMED' && confirmation === 'CONFIRMED') &&
    !(warning === 'STOP_FAILING' && state !== 'STOPPING');
  const stuck = state !== 'SCHEDULED' && overdueMs(blackout, nowMs) > stopGraceMs;
  return stuck ? willNotEnd : (warningFindings.find(applies) ?? null);
};

/** The sentence of the alarm bar, such as `blackout will not end, overdue 1:10, retrying`. */
export const alarmSentence = (view: Pick<AgentView, 'blackout' | 'warnings'>, nowMs: number): string | null => {
  const finding = blackoutFinding(view, nowMs);
  if (finding === null || finding.urgency < alarmUrgency) return null;
  if (finding !== willNotEnd) return finding.sentence;
  const late = overdueMs(view.blackout!, nowMs);
  return `${finding.sentence}${late > 0 ? `, overdue ${clockWords(late)}` : ''}, retrying`;
};

/** How far an agent's time in its status is beyond what is usual: `late` comes before `warn`. */
export const lateness = ({ agent }: Pick<AgentView, 'agent'>, thresholds: Thresholds, nowMs: number): 'warn' | 'late' | null => {
  const limits = thresholds[agent.status];
  if (limits === undefined || agent.statusSince === null) return null;
  const seconds = (nowMs - Date.parse(agent.statusSince)) / 1_000;
  if (limits.lateSeconds !== null && seconds >= limits.lateSeconds) return 'late';
  return limits.warnSeconds !== null && seconds >= limits.warnSeconds ? 'warn' : null;
};

export const urgencyOf = (view: AgentView, thresholds: Thresholds, nowMs: number): Urgency => {
  const finding = blackoutFinding(view, nowMs);
  if (finding !== null) return finding.urgency;
  const late = lateness(view, thresholds, nowMs);
  if (late !== null) return late === 'late' ? 3 : 2;
  return view.agent.status === 'OFFLINE' ? 0 : 1;
};
