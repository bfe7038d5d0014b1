import type { AgentStatus } from '../generated/graphql.ts';

export type Lamp = 'recording' | 'blackout' | 'alarm';
export const sorts = ['urgency', 'time', 'name', 'source', 'queue', 'team'] as const;
export type Sort = (typeof sorts)[number];
export const groupings = ['none', 'urgency', 'status', 'source', 'queue', 'team'] as const;
export type Grouping = (typeof groupings)[number];
/** `fit` fills the screen, `large` and `rows` scroll. */
export const layouts = ['fit', 'large', 'rows'] as const;
export type Layout = (typeof layouts)[number];

/** The choice of what is shown. Empty lists and an empty search let everything through. */
export interface BoardFilter {
  sources: readonly string[];
  statuses: readonly AgentStatus[];
  lamps: readonly Lamp[];
  search: string;
}

/** Everything about the page that a bookmark keeps. */
export interface BoardView extends BoardFilter {
  sort: Sort;
  group: Grouping;
  layout: Layout;
  /** For a screen that nobody operates: no controls, and pages that turn by themselves. */
  kiosk: boolean;
  charts: boolean;
  /** Global id of the agent whose drawer is open. */
  agent: string | null;
}

export const emptyFilter: BoardFilter = { sources: [], statuses: [], lamps: [], search: '' };

export const isFiltering = (filter: BoardFilter): boolean =>
  filter.sources.length + filter.statuses.length + filter.lamps.length > 0 || filter.search.trim() !== '';

const list = (parameters: URLSearchParams, name: string): string[] => parameters.get(name)?.split(',').filter(Boolean) ?? [];

const oneOf = <T extends string>(values: readonly T[], value: string | null, otherwise: T): T =>
  values.includes(value as T) ? (value as T) : otherwise;

/** Reads the address; what it does not name has its default. */
export const readView = ({ search, hash }: Pick<Location, 'search' | 'hash'>, layout: Layout = 'fit'): BoardView => {
  const parameters = new URLSearchParams(search);
  return {
    sources: list(parameters, 'sources'),
    statuses: list(parameters, 'statuses') as AgentStatus[],
    lamps: list(parameters, 'lamps') as Lamp[],
    search: parameters.get('search') ?? '',
    sort: oneOf(sorts, parameters.get('sort'), 'urgency'),
    group: oneOf(groupings, parameters.get('group'), 'none'),
    layout: oneOf(layouts, parameters.get('layout'), layout),
    kiosk: parameters.has('kiosk') && parameters.get('kiosk') !== '0',
    charts: hash === '#charts',
    agent: parameters.get('agent'),
  };
};

/** The query and hash of the address; empty for the board as it opens. */
export const writeView = (view: BoardView): string => {
  const parameters = new URLSearchParams();
  for (const name of ['sources', 'statuses', 'lamps'] as const) if (view[name].length > 0) parameters.set(name, view[name].join(','));
  if (view.search !== '') parameters.set('search', view.search);
  if (view.sort !== 'urgency') parameters.set('sort', view.sort);
  if (view.group !== 'none') parameters.set('group', view.group);
  if (view.layout !== 'fit') parameters.set('layout', view.layout);
  if (view.kiosk) parameters.set('kiosk', '1');
  if (view.agent !== null) parameters.set('agent', view.agent);
  return `${parameters.size === 0 ? '' : `?${parameters}`}${view.charts ? '#charts' : ''}`;
};

/** With the value if it was not there, without it if it was. */
export const toggled = <T>(values: readonly T[], value: T): T[] =>
  values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
