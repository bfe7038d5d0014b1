import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { Client } from 'urql';
import type { ExternalStore, WritableStore } from '../external-store.ts';
import type { NameOf } from './agent-name.ts';
import type { CallSamples } from './call-samples.ts';
import type { ConnectionState } from './connection.ts';
import type { Control } from './control.ts';
import type { LiveStore } from './live-store.ts';
import type { StreamFaults } from './live-streams.ts';
import type { AgentView, Source } from './live-types.ts';
import type { SettingsStore } from './settings.ts';
import type { SourcesState } from './sources.ts';
import type { Ticker } from './ticker.ts';

/** Holds what the page's parts share; made once, in `main.tsx`. */
export interface Board {
  client: Client;
  live: LiveStore;
  connection: ExternalStore<ConnectionState>;
  faults: ExternalStore<StreamFaults>;
  sources: ExternalStore<SourcesState>;
  control: Control;
  ticker: Ticker;
  samples: CallSamples;
  settings: SettingsStore;
  /** The agent whose tile is the tab stop of the grid. */
  tabStop: WritableStore<string | null>;
}

export const BoardContext = createContext<Board | null>(null);

export const useBoard = (): Board => {
  const board = useContext(BoardContext);
  if (board === null) throw new Error('useBoard needs a BoardContext above it');
  return board;
};

export const useStore = <T>(store: ExternalStore<T>): T => useSyncExternalStore(store.subscribe, store.get);

/** Renders again only when this agent changes. */
export const useAgentView = (agent: string): AgentView | undefined => {
  const { live } = useBoard();
  const subscribe = useCallback((listener: () => void) => live.subscribeTo(agent, listener), [live, agent]);
  return useSyncExternalStore(subscribe, () => live.view(agent));
};

export const useNow = (): number => useStore(useBoard().ticker);

/** Derives a value from the clock; renders again only when the value changes. */
export const useTicking = <T extends string | number | boolean | null>(valueAt: (nowMs: number) => T): T => {
  const { ticker } = useBoard();
  return useSyncExternalStore(ticker.subscribe, () => valueAt(ticker.get()));
};

/** Renders again only when what is selected is another value. */
export const useSelected = <T, S>(store: ExternalStore<T>, select: (value: T) => S): S =>
  useSyncExternalStore(store.subscribe, () => select(store.get()));

export const useSource = (name: string | undefined): Source | undefined =>
  useSelected(useBoard().sources, ({ sources }) => sources?.find((source) => source.name === name));

/** Since when what is shown of an agent is no longer live, in epoch milliseconds; null while it is. */
export const useStaleSince = (agent: Pick<AgentView['agent'], 'observedAt'>, source: Source | undefined): number | null => {
  const { stage, sinceMs } = useStore(useBoard().connection);
  if (stage === 'lost' || stage === 'refused') return sinceMs;
  if (source?.health.status !== 'DOWN') return null;
  return Date.parse(source.health.lastContactAt ?? agent.observedAt ?? new Date(sinceMs).toISOString());
};

export const NameContext = createContext<NameOf | null>(null);

/** How this caller sees agents' names. */
export const useNameOf = (): NameOf => {
  const nameOf = useContext(NameContext);
  if (nameOf === null) throw new Error('useNameOf needs a NameContext above it');
  return nameOf;
};
