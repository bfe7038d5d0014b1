import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { Client } from 'urql';
import type { ExternalStore } from '../external-store.ts';
import type { CallSamples } from './call-samples.ts';
import type { ConnectionState } from './connection.ts';
import type { Control } from './control.ts';
import type { LiveStore } from './live-store.ts';
import type { StreamFaults } from './live-streams.ts';
import type { AgentView } from './live-types.ts';
import type { SourcesState } from './sources.ts';

/** What the page's parts share; made once, in `main.tsx`. */
export interface Board {
  client: Client;
  live: LiveStore;
  connection: ExternalStore<ConnectionState>;
  faults: ExternalStore<StreamFaults>;
  sources: ExternalStore<SourcesState>;
  control: Control;
  ticker: ExternalStore<number>;
  samples: CallSamples;
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

/** A text that follows the clock; renders again only when the text does. */
export const useTicking = (words: (nowMs: number) => string): string => {
  const { ticker } = useBoard();
  return useSyncExternalStore(ticker.subscribe, () => words(ticker.get()));
};
