/**
 * Pages of a catalogue of recordings at two sizes, on both databases: `node --import tsx test/bench/catalogue.ts [rows]`.
 * Prints the median of each page in milliseconds, small catalogue and large, and how many times longer the large one takes.
 */
import { randomIds, systemClock } from '../../src/clock.ts';
import type { Position, RecordingFilter, Store } from '../../src/domain/ports.ts';
import { recordingKinds, recordingStates } from '../../src/domain/words.ts';
import { openStore } from '../../src/storage/index.ts';
import { recording, temporaryFolder } from '../storage/stores.ts';
import { createTestDatabase } from '../support/services.ts';

const large = Number(process.argv[2] ?? 1_000_000);
const small = Math.min(10_000, large);
const rounds = 60;
const chunkRows = 5_000;
const startMs = Date.UTC(2026, 0, 1);
const agents = 500;
const key = (externalId: string) => ({ source: 'hq', externalId });

const fill = async (store: Store, from: number, to: number): Promise<void> => {
  for (let first = from; first < to; first += chunkRows) {
    const rows = Array.from({ length: Math.min(chunkRows, to - first) }, (_, offset) => {
      const number = first + offset;
      return recording(`recording-${number}`, {
        agent: String(number % agents),
        call: `call-${Math.floor(number / 2)}`,
        kind: number % 100 === 0 ? recordingKinds[1] : recordingKinds[0],
        state: number % 1_000 === 0 ? recordingStates[7] : 'AVAILABLE',
        endpoint: `+45${String(10_000_000 + (number % 50_000))}`,
        startedAt: new Date(startMs + number * 1_000).toISOString(),
        fileName: `recording-${number}.wav`,
      });
    });
    await store.recordings.put(rows);
  }
};

const median = async (store: Store, pages: (round: number) => { filter: RecordingFilter; after: Position | null }): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const request = { first: 25, ...pages(round) };
    const startedAt = performance.now();
    const [page] = await store.recordings.pages([request]);
    times.push(performance.now() - startedAt);
    if (page!.items.length === 0) throw new Error(`An empty page proves nothing: ${JSON.stringify(request)}`);
  }
  return times.sort((left, right) => left - right)[rounds >> 1]!;
};

const measure = async (store: Store, rows: number): Promise<Record<string, number>> => {
  const deep = (round: number): Position => [startMs + Math.floor(rows / 2 + round) * 1_000, 'hq:z'];
  const shallow = (filter: RecordingFilter) => () => ({ filter, after: null });
  return {
    'first page': await median(store, shallow({})),
    'deep page': await median(store, (round) => ({ filter: {}, after: deep(round) })),
    'of a source, deep': await median(store, (round) => ({ filter: { sources: ['hq'] }, after: deep(round) })),
    'by agent': await median(store, (round) => ({ filter: { agent: key(String(round)) }, after: null })),
    'by agent, deep': await median(store, (round) => ({ filter: { agent: key(String(round)) }, after: deep(round) })),
    'by time': await median(store, (round) => ({
      filter: {
        startedAfter: new Date(startMs + (rows / 3 + round) * 1_000).toISOString(),
        startedBefore: new Date(startMs + (rows / 3 + round + 500) * 1_000).toISOString(),
      },
      after: null,
    })),
    'by rare state': await median(store, shallow({ states: [recordingStates[7]] })),
    'by three states': await median(store, shallow({ states: ['AVAILABLE', 'RECORDING', 'FAILED'] })),
    'by rare kind': await median(store, shallow({ kinds: [recordingKinds[1]] })),
    'by number': await median(store, (round) => ({ filter: { number: `0045${10_000_000 + round}` }, after: null })),
    'by call': await median(store, (round) => ({ filter: { call: key(`call-${round}`) }, after: null })),
  };
};

const folder = temporaryFolder();
const database = await createTestDatabase();
try {
  for (const [name, url] of [
    ['SQLite', `sqlite:${folder.path}/catalogue.db`],
    ['PostgreSQL', database.url],
  ] as const) {
    const store = await openStore(url, { clock: systemClock, ids: randomIds });
    await fill(store, 0, small);
    if (name === 'PostgreSQL') await database.query('analyze recordings');
    const few = await measure(store, small);
    const startedAt = performance.now();
    await fill(store, small, large);
    const seconds = (performance.now() - startedAt) / 1_000;
    if (name === 'PostgreSQL') await database.query('analyze recordings');
    const many = await measure(store, large);
    console.log(`\n${name}: ${large - small} rows written in ${seconds.toFixed(1)} s`);
    console.table(
      Object.fromEntries(
        Object.keys(many).map((page) => [
          page,
          { [small]: few[page]!.toFixed(2), [large]: many[page]!.toFixed(2), times: (many[page]! / few[page]!).toFixed(2) },
        ]),
      ),
    );
    await store.close();
  }
} finally {
  await database.drop();
  folder.remove();
}
