/** Every implementation of the store, each on a database of its own, and rows to put in it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { emptyAgent, emptyCall, emptyRecording } from '../../src/domain/model/empty-rows.ts';
import type { Agent, Blackout, Call, ControlCommand, Recording } from '../../src/domain/model/entities.ts';
import type { NewEvent } from '../../src/domain/model/events.ts';
import type { Ids } from '../../src/domain/ports/clock.ts';
import type { Store } from '../../src/domain/ports/store.ts';
import { openStore } from '../../src/storage/index.ts';
import { createManualClock, type ManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createTestDatabase } from '../support/services.ts';

export interface StoreUnderTest {
  store: Store;
  clock: ManualClock;
  url: string;
  /** The store opened once more, as another server would. */
  open(): Promise<Store>;
  /** SQL beside the store's back. */
  tamper(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const countingIds = (): Ids => {
  let last = 0;
  return { next: () => `id-${++last}` };
};

const start = async (url: string, tamper: StoreUnderTest['tamper'], cleanUp: () => Promise<void> | void): Promise<StoreUnderTest> => {
  const clock = createManualClock();
  const opened: Store[] = [];
  const open = async () => {
    const store = await openStore(url, { clock, ids: countingIds() });
    opened.push(store);
    return store;
  };
  const close = async () => {
    for (const store of opened) await store.close();
    await cleanUp();
  };
  return { store: await open(), clock, url, open, tamper, close };
};

export const temporaryFolder = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'tapegraph-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

export const createSqlite = (): Promise<StoreUnderTest> => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'test.db');
  const tamper = async (text: string) => {
    const connection = new DatabaseSync(file, { timeout: 2_000 });
    try {
      return connection.prepare(text).all() as Record<string, unknown>[];
    } finally {
      connection.close();
    }
  };
  return start(`sqlite:${file}`, tamper, folder.remove);
};

export const createPostgres = async (): Promise<StoreUnderTest> => {
  const database = await createTestDatabase();
  return start(database.url, async (text) => (await database.query(text)).rows, database.drop);
};

/** In memory there is nobody beside the store. */
const createMemory = (): Promise<StoreUnderTest> =>
  start(
    'sqlite::memory:',
    () => Promise.reject(new Error('a database in memory has no other transport')),
    () => undefined,
  );

export const sharedStores = [
  ['SQLite', createSqlite],
  ['PostgreSQL', createPostgres],
] as const;
export const allStores = [...sharedStores, ['SQLite in memory', createMemory]] as const;

export const agent = (externalId: string, fields: Partial<Agent> = {}): Agent => ({
  ...emptyAgent({ source: 'hq', externalId }),
  name: `Agent ${externalId}`,
  status: 'IDLE',
  ...fields,
});

export const call = (externalId: string, fields: Partial<Call> = {}): Call => ({
  ...emptyCall({ source: 'hq', externalId }),
  state: 'ENDED',
  direction: 'INBOUND',
  ...fields,
});

export const recording = (externalId: string, fields: Partial<Recording> = {}): Recording => ({
  ...emptyRecording({ source: 'hq', externalId }),
  state: 'AVAILABLE',
  party: 'MIXED',
  ...fields,
});

export const blackout = (id: string, fields: Partial<Blackout> = {}): Blackout => ({
  id,
  source: 'hq',
  agent: '291',
  state: 'ACTIVE',
  confirmation: 'PENDING',
  support: 'NATIVE',
  reason: 'CARD_PAYMENT',
  note: null,
  requestedBy: 'board',
  requestedAt: '2026-01-05T09:00:00.000Z',
  startsAt: '2026-01-05T09:00:00.000Z',
  stopsAt: null,
  deadline: '2026-01-05T09:05:00.000Z',
  endedAt: null,
  endedBy: null,
  exposures: [],
  warnings: [],
  interrupted: [],
  version: 1,
  ...fields,
});

export const command = (id: string, fields: Partial<ControlCommand> = {}): ControlCommand => ({
  id,
  operation: 'START_RECORDING',
  status: 'PENDING',
  source: 'hq',
  agent: '291',
  recording: null,
  blackout: null,
  requestedBy: 'board',
  requestedAt: '2026-01-05T09:00:00.000Z',
  acceptedAt: null,
  completedAt: null,
  idempotencyKey: null,
  inputHash: 'hash',
  input: {},
  problem: null,
  ...fields,
});

export const event = (key: string, fields: Partial<NewEvent<'agent'>> = {}): NewEvent => ({
  at: '2026-01-05T09:00:00.000Z',
  entityType: 'agent',
  source: 'hq',
  key,
  previous: null,
  warning: null,
  state: agent(key),
  ...fields,
});

export const at = (second: number): string => new Date(Date.UTC(2026, 0, 5, 9, 0, second)).toISOString();
