/** A stream lets through what the list would show: the filters here and in the store agree on random rows. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Call, Recording } from '../../../src/domain/model/entities.ts';
import { callStates, parties, recordingKinds, recordingStates } from '../../../src/domain/model/enums.ts';
import { instant } from '../../../src/domain/model/instant.ts';
import type { CallFilter, Pageable, RecordingFilter } from '../../../src/domain/ports/pages.ts';
import type { Store, StoreOperations } from '../../../src/domain/ports/store.ts';
import { matchesCall, matchesRecording } from '../../../src/domain/read/matching.ts';
import { randomIds } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';

const startMs = Date.UTC(2026, 0, 5, 9);
const time = fc.nat(5).map((minutes) => instant(startMs + minutes * 60_000));
const source = fc.constantFrom('hq', 'branch');
const agent = fc.constantFrom('1', '2');
const number = fc.constantFrom(
  '4000',
  '+45 70 20 30 40',
  '004570203040',
  '70203040',
  '+4570203040',
  '3040',
  'sip:4000@company.local',
  '12',
  '0',
  'anonymous',
  '',
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const call: fc.Arbitrary<Call> = fc.record({
  source,
  externalId: fc.constantFrom('a', 'b', 'c'),
  state: fc.constantFrom(...callStates),
  vendorState: fc.constant(null),
  direction: fc.constant('UNKNOWN' as const),
  caller: optional(number),
  called: optional(number),
  queue: fc.constant(null),
  startedAt: time,
  answeredAt: fc.constant(null),
  endedAt: fc.constant(null),
  legs: fc.array(
    fc.record({
      party: fc.constant('AGENT' as const),
      agent: optional(agent),
      endpoint: fc.constant(null),
      startedAt: fc.constant(null),
      endedAt: fc.constant(null),
    }),
    { maxLength: 1 },
  ),
  agents: fc.uniqueArray(agent),
  metadata: fc.constant([]),
});

const recording: fc.Arbitrary<Recording> = fc.record({
  source,
  externalId: fc.constantFrom('a', 'b', 'c'),
  kind: fc.constantFrom(...recordingKinds),
  state: fc.constantFrom(...recordingStates),
  vendorState: fc.constant(null),
  isDuplicate: fc.boolean(),
  agent: optional(agent),
  call: optional(fc.constantFrom('x', 'y')),
  party: fc.constantFrom(...parties),
  endpoint: optional(number),
  fileName: fc.constant(null),
  startedAt: time,
  endedAt: fc.constant(null),
  durationMs: fc.constant(null),
  availableUntil: fc.constant(null),
  formerId: fc.constant(null),
  vendorData: fc.constant(null),
});

const common = {
  sources: optional(fc.uniqueArray(source)),
  startedAfter: optional(time),
  startedBefore: optional(time),
  number: optional(number),
};
const callFilter: fc.Arbitrary<CallFilter> = fc.record({
  ...common,
  states: optional(fc.uniqueArray(fc.constantFrom(...callStates), { maxLength: 3 })),
  agent: optional(fc.record({ source, externalId: agent })),
});
const recordingFilter: fc.Arbitrary<RecordingFilter> = fc.record({
  ...common,
  kinds: optional(fc.uniqueArray(fc.constantFrom(...recordingKinds), { maxLength: 2 })),
  states: optional(fc.uniqueArray(fc.constantFrom(...recordingStates), { maxLength: 5 })),
  agent: optional(fc.record({ source, externalId: agent })),
  call: optional(fc.record({ source, externalId: fc.constantFrom('x', 'y') })),
  party: optional(fc.constantFrom(...parties)),
});

const name = (row: { source: string; externalId: string }) => `${row.source}:${row.externalId}`;

interface Given<Row, Filter> {
  rows: fc.Arbitrary<Row>;
  filters: fc.Arbitrary<Filter>;
  tableIn(operations: StoreOperations): Pageable<Row, Filter> & { put(rows: readonly Row[]): Promise<void> };
  matches(row: Row, filter: Filter): boolean;
}

describe('a filter picks the same rows from a stream as from the store', () => {
  let store: Store;
  before(async () => {
    store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
  });
  after(() => store.close());

  const assertSame = <Row extends { source: string; externalId: string }, Filter>(given: Given<Row, Filter>) => {
    const rowLists = fc.uniqueArray(given.rows, { selector: name, minLength: 1 });
    const filterLists = fc.array(given.filters, { minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(rowLists, filterLists, async (rows, filters) => {
      const undone = store.transaction(async (operations) => {
        const table = given.tableIn(operations);
        await table.put(rows);
        const pages = await table.pages(filters.map((filter) => ({ filter, first: 100, after: null })));
        filters.forEach((filter, index) => {
          const streamed = rows.filter((row) => given.matches(row, filter));
          assert.deepEqual(streamed.map(name).sort(), pages[index]!.items.map(name).sort());
        });
        throw new Error('undo');
      });
      await undone.catch((error: Error) => {
        if (error.message !== 'undo') throw error;
      });
    });
    return fc.assert(property, { numRuns: 150 });
  };

  it('of calls', () => assertSame({ rows: call, filters: callFilter, tableIn: ({ calls }) => calls, matches: matchesCall }));

  it('of recordings', () =>
    assertSame({
      rows: recording,
      filters: recordingFilter,
      tableIn: ({ recordings }) => recordings,
      matches: (row, filter) => matchesRecording(row, filter, () => null),
    }));
});
