import type { NameOf } from './agent-name.ts';
import { alarmUrgency, urgencyOf } from './alarms.ts';
import type { BoardFilter, Grouping, Lamp, Sort } from './board-view.ts';
import { statusLabels } from './labels.ts';
import { type AgentView, isRecorded } from './live-types.ts';
import type { Thresholds } from './settings.ts';

interface OrderOptions {
  nameOf: NameOf;
  thresholds: Thresholds;
  nowMs: number;
}

interface Ranked {
  view: AgentView;
  urgency: number;
  name: string;
}

export interface AgentGroup {
  /** Empty where nothing is grouped. */
  label: string;
  ids: readonly string[];
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

const hasLamp = (view: AgentView, lamp: Lamp, options: OrderOptions): boolean => {
  if (lamp === 'recording') return isRecorded(view);
  if (lamp === 'blackout') return view.blackout !== null;
  return urgencyOf(view, options.thresholds, options.nowMs) >= alarmUrgency;
};

const matchesSearch = ({ agent, call }: AgentView, name: string, words: readonly string[]): boolean => {
  if (words.length === 0) return true;
  const text = [name, agent.externalId, agent.sourceName, agent.businessUnit, call?.caller, call?.called, call?.queue]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
};

export const matchesFilter = (view: AgentView, filter: BoardFilter, options: OrderOptions): boolean => {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    (filter.sources.length === 0 || filter.sources.includes(view.agent.sourceName)) &&
    (filter.statuses.length === 0 || filter.statuses.includes(view.agent.status)) &&
    filter.lamps.every((lamp) => hasLamp(view, lamp, options)) &&
    matchesSearch(view, options.nameOf(view.agent), words)
  );
};

const sinceMs = ({ agent }: AgentView): number => (agent.statusSince === null ? Number.POSITIVE_INFINITY : Date.parse(agent.statusSince));

/** Puts what is not known behind what is. */
const textOrder = (a: string | null | undefined, b: string | null | undefined): number =>
  a && b ? collator.compare(a, b) : Number(!a) - Number(!b);

const orders: Readonly<Record<Sort, (a: Ranked, b: Ranked) => number>> = {
  urgency: (a, b) => b.urgency - a.urgency,
  time: (a, b) => sinceMs(a.view) - sinceMs(b.view) || 0,
  name: () => 0,
  source: (a, b) => collator.compare(a.view.agent.sourceName, b.view.agent.sourceName),
  queue: (a, b) => textOrder(a.view.call?.queue, b.view.call?.queue),
  team: (a, b) => textOrder(a.view.agent.businessUnit, b.view.agent.businessUnit),
};

const urgencyLabels = ['Offline', 'At work', 'Long in this status', 'Very long in this status', 'Alarm', 'Alarm'];

const labelOf = ({ view, urgency }: Ranked, grouping: Grouping): string => {
  if (grouping === 'urgency') return urgencyLabels[urgency]!;
  if (grouping === 'status') return statusLabels[view.agent.status];
  if (grouping === 'source') return view.agent.sourceName;
  if (grouping === 'queue') return view.call?.queue ?? 'In no queue';
  if (grouping === 'team') return view.agent.businessUnit || 'In no team';
  return '';
};

/** The agents to show, in order. Agents with an alarm come first in every order, and so do their groups; the name decides between equals. */
export const arrangeAgents = (
  views: ReadonlyMap<string, AgentView>,
  { filter, sort, grouping }: { filter: BoardFilter; sort: Sort; grouping: Grouping },
  options: OrderOptions,
): AgentGroup[] => {
  const { nameOf, thresholds, nowMs } = options;
  const ranked = [...views.values()]
    .filter((view) => matchesFilter(view, filter, options))
    .map((view): Ranked => ({ view, urgency: urgencyOf(view, thresholds, nowMs), name: nameOf(view.agent) }));
  const alarm = ({ urgency }: Ranked): number => (urgency >= alarmUrgency ? urgency : 0);
  ranked.sort(
    (a, b) => alarm(b) - alarm(a) || orders[sort](a, b) || collator.compare(a.name, b.name) || (a.view.agent.id < b.view.agent.id ? -1 : 1),
  );
  if (grouping === 'none') return ranked.length === 0 ? [] : [{ label: '', ids: ranked.map(({ view }) => view.agent.id) }];
  const groups = Map.groupBy(ranked, (one) => labelOf(one, grouping));
  const arranged = [...groups].map(([label, members]) => ({ label, members, ids: members.map(({ view }) => view.agent.id) }));
  if (grouping === 'urgency') arranged.sort((a, b) => b.members[0]!.urgency - a.members[0]!.urgency);
  else if (grouping === 'status') {
    const positions = Object.values(statusLabels);
    arranged.sort((a, b) => positions.indexOf(a.label) - positions.indexOf(b.label));
  } else {
    const known = ({ label }: { label: string }): number => Number(label.startsWith('In no '));
    arranged.sort((a, b) => known(a) - known(b) || collator.compare(a.label, b.label));
  }
  // The first member of a group is its most urgent alarm, if it has one.
  arranged.sort((a, b) => alarm(b.members[0]!) - alarm(a.members[0]!));
  return arranged.map(({ label, ids }) => ({ label, ids }));
};
