import type { AgentStatus } from '../generated/graphql.ts';
import { type AgentView, agentName } from './live-types.ts';

export type Lamp = 'recording' | 'blackout';

/** What is shown. Empty lists and an empty search let everything through. */
export interface BoardFilter {
  sources: readonly string[];
  statuses: readonly AgentStatus[];
  lamps: readonly Lamp[];
  search: string;
}

export const emptyFilter: BoardFilter = { sources: [], statuses: [], lamps: [], search: '' };

export const isFiltering = (filter: BoardFilter): boolean =>
  filter.sources.length + filter.statuses.length + filter.lamps.length > 0 || filter.search.trim() !== '';

const list = (parameters: URLSearchParams, name: string): string[] => parameters.get(name)?.split(',').filter(Boolean) ?? [];

/** A wall's filter is part of its address, so that it can be kept as a bookmark. */
export const readFilter = (query: string): BoardFilter => {
  const parameters = new URLSearchParams(query);
  return {
    sources: list(parameters, 'sources'),
    statuses: list(parameters, 'statuses') as AgentStatus[],
    lamps: list(parameters, 'lamps') as Lamp[],
    search: parameters.get('search') ?? '',
  };
};

/** Empty where nothing is filtered. */
export const writeFilter = (filter: BoardFilter): string => {
  const parameters = new URLSearchParams();
  for (const name of ['sources', 'statuses', 'lamps'] as const) if (filter[name].length > 0) parameters.set(name, filter[name].join(','));
  if (filter.search !== '') parameters.set('search', filter.search);
  return parameters.size === 0 ? '' : `?${parameters}`;
};

const hasLamp = (view: AgentView, lamp: Lamp): boolean => (lamp === 'recording' ? view.recordings.length > 0 : view.blackout !== null);

const matchesSearch = ({ agent, call }: AgentView, words: readonly string[]): boolean => {
  if (words.length === 0) return true;
  const text = [agentName(agent), agent.externalId, agent.sourceName, call?.caller, call?.called, call?.queue].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
};

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Ids of the agents to show. By name, so that nobody's tile moves while somebody reads it. */
export const matchingAgents = (views: ReadonlyMap<string, AgentView>, filter: BoardFilter): string[] => {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = [...views.values()].filter(
    (view) =>
      (filter.sources.length === 0 || filter.sources.includes(view.agent.sourceName)) &&
      (filter.statuses.length === 0 || filter.statuses.includes(view.agent.status)) &&
      filter.lamps.every((lamp) => hasLamp(view, lamp)) &&
      matchesSearch(view, words),
  );
  return matching
    .sort((a, b) => collator.compare(agentName(a.agent), agentName(b.agent)) || (a.agent.id < b.agent.id ? -1 : 1))
    .map((view) => view.agent.id);
};

/** With the value if it was not there, without it if it was. */
export const toggled = <T>(values: readonly T[], value: T): T[] =>
  values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
