import { createStore, type ExternalStore } from '../external-store.ts';
import type { AgentStatus } from '../generated/graphql.ts';

export interface Limits {
  /** Null never changes the colour. */
  warnSeconds: number | null;
  lateSeconds: number | null;
}

/** How long an agent may be in a status before its tile changes colour; a status that is absent has no limit. */
export type Thresholds = Readonly<Partial<Record<AgentStatus, Limits>>>;

export interface Settings {
  thresholds: Thresholds;
  /** Plays a sound when an alarm begins. */
  sound: boolean;
  /** How long a page of kiosk mode stays. */
  pageSeconds: number;
}

const minutes = (warn: number, late: number): Limits => ({ warnSeconds: warn * 60, lateSeconds: late * 60 });

export const defaultSettings: Settings = {
  thresholds: {
    ON_CALL: minutes(10, 20),
    ON_HOLD: minutes(1, 3),
    RINGING: { warnSeconds: 15, lateSeconds: 30 },
    WRAP_UP: minutes(2, 5),
    BREAK: minutes(20, 40),
  },
  sound: false,
  pageSeconds: 15,
};

/** The part of `localStorage` that settings need. */
export type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

const storageKey = 'tapegraph.wallboard';

const read = (storage: Storage): Settings => {
  try {
    const kept: unknown = JSON.parse(storage.getItem(storageKey) ?? '{}');
    return { ...defaultSettings, ...(typeof kept === 'object' ? kept : {}) };
  } catch {
    return defaultSettings;
  }
};

export interface SettingsStore extends ExternalStore<Settings> {
  change(change: Partial<Settings>): void;
}

/** Settings of this browser, kept from one visit to the next. */
export const createSettings = (storage: Storage): SettingsStore => {
  const store = createStore(read(storage));
  return {
    ...store,
    change: (change) => {
      const next = { ...store.get(), ...change };
      store.set(next);
      storage.setItem(storageKey, JSON.stringify(next));
    },
  };
};
