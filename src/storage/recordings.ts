import { sql } from 'kysely';
import type { Recording } from '../domain/model/entities.ts';
import { liveRecordingStates, recordingStates } from '../domain/model/enums.ts';
import { numberKey } from '../domain/model/phone-number.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { RecordingFilter } from '../domain/ports/pages.ts';
import type { StoreOperations } from '../domain/ports/store.ts';
import { excluded, inWriteOrder, ofEach, ofSources, sortOf, stateIn } from './documents.ts';
import { alternatives, type Branch, between, fromTable, numberIs, oneOf, pageable } from './pages.ts';
import { trimRows } from './retention.ts';
import { chunked, keyRowId, lastOfEach, msOrNull, padded, parsed, plain, rowIdOrNull } from './rows.ts';
import type { Database, Executor, Tables, Writing } from './tables.ts';

const branches = (filter: RecordingFilter): readonly Branch[] => {
  const states = oneOf('t.state', filter.states);
  const kinds = oneOf('t.kind', filter.kinds);
  const always = [
    ...between('t.sort_ms', filter.startedAfter, filter.startedBefore),
    ...(filter.party == null ? [] : [sql`t.party = ${filter.party}`]),
    ...(filter.queue == null ? [] : [sql`exists (select 1 from calls as c where c.id = t.call_id and c.queue = ${plain(filter.queue)})`]),
  ];
  const rest = [...always, ...oneOf('t.source', filter.sources), ...states, ...kinds];
  const number = filter.number == null ? [] : numberIs('endpoint', filter.number);
  const agent = filter.agent == null ? [] : [sql`t.agent_id = ${keyRowId(filter.agent)}`];
  if (filter.call != null) {
    return [fromTable('recordings', [sql`t.call_id = ${keyRowId(filter.call)}`, ...agent, ...number, ...rest])];
  }
  if (agent.length + number.length > 0) return [fromTable('recordings', [...agent, ...number, ...rest])];
  if (filter.states == null && filter.kinds != null) {
    const ways = alternatives([
      ['t.source', filter.sources],
      ['t.kind', filter.kinds],
    ]);
    return ways.map((where) => fromTable('recordings', [...where, ...always]));
  }
  const ways = alternatives([
    ['t.source', filter.sources],
    ['t.state', filter.states],
  ]);
  return ways.map((where) => fromTable('recordings', [...where, ...always, ...kinds]));
};

/** A row that was kept under its former id moves to its final one, and stays as old as it was. */
const takePlaces = async (database: Database, rows: readonly Recording[]): Promise<void> => {
  const moves = rows.flatMap((row) => {
    const former = rowIdOrNull(row.source, row.formerId);
    return former === null || former === keyRowId(row) ? [] : [{ former, id: keyRowId(row) }];
  });
  for (const chunk of chunked(moves)) {
    const all = padded(chunk.flatMap(({ former, id }) => [former, id]));
    const present = new Set((await database.selectFrom('recordings').select('id').where('id', 'in', all).execute()).map((row) => row.id));
    for (const { former, id } of chunk.filter((move) => present.has(move.former))) {
      if (present.has(id)) await database.deleteFrom('recordings').where('id', '=', former).execute();
      else await database.updateTable('recordings').set({ id }).where('id', '=', former).execute();
      present.add(id);
      present.delete(former);
    }
  }
};

const finalStates = recordingStates.filter((state) => !liveRecordingStates.includes(state));

const overwritten = [
  'state',
  'kind',
  'party',
  'started_ms',
  'agent_id',
  'call_id',
  'former_id',
  'endpoint_key',
  'endpoint_suffix',
  'data',
] as const;

const rowOf = (recording: Recording, nowMs: number): Tables['recordings'] => {
  const started = msOrNull(recording.startedAt);
  const endpoint = numberKey(recording.endpoint);
  return {
    id: keyRowId(recording),
    source: recording.source,
    state: recording.state,
    kind: recording.kind,
    party: recording.party,
    first_seen_ms: nowMs,
    started_ms: started,
    sort_ms: started ?? nowMs,
    agent_id: rowIdOrNull(recording.source, recording.agent),
    call_id: rowIdOrNull(recording.source, recording.call),
    former_id: rowIdOrNull(recording.source, recording.formerId),
    endpoint_key: endpoint?.key ?? null,
    endpoint_suffix: endpoint?.suffix ?? null,
    data: JSON.stringify(recording),
  };
};

/** The columns that may hold something personal. */
export const personalColumns = (recording: Recording) => {
  const { agent_id, endpoint_key, endpoint_suffix } = rowOf(recording, 0);
  return { agent_id, endpoint_key, endpoint_suffix };
};

const put = async ({ database, send }: Writing, recordings: readonly Recording[], nowMs: number): Promise<void> => {
  await takePlaces(database, lastOfEach(recordings, keyRowId));
  for (const chunk of inWriteOrder(recordings.map((recording) => rowOf(recording, nowMs)))) {
    await send(
      database
        .insertInto('recordings')
        .values(chunk)
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...excluded(overwritten), sort_ms: sortOf('recordings') })),
    );
  }
};

/** By id or former id; an id that is in use wins over a former one of the same name. */
const byKeys = (executor: Executor, ids: readonly string[]): Promise<readonly (Recording | null)[]> =>
  executor.read(async (database) => {
    const found = new Map<string, Recording>();
    const former = new Map<string, Recording>();
    for (const chunk of chunked([...new Set(ids)].sort())) {
      const wanted = padded(chunk);
      const query = database
        .selectFrom('recordings')
        .select(['id', 'former_id', 'data'])
        .where((where) => where.or([where('id', 'in', wanted), where('former_id', 'in', wanted)]))
        .orderBy('id');
      for (const row of await (executor.locks ? query.forUpdate() : query).execute()) {
        const recording = parsed<Recording>(row);
        found.set(row.id, recording);
        if (row.former_id !== null) former.set(row.former_id, recording);
      }
    }
    return ids.map((id) => found.get(id) ?? former.get(id) ?? null);
  });

/** In the words of the index `recordings_live`, which a state handed in as a value would not be known to fall under. */
const isLive = sql<boolean>`state in (${sql.join(liveRecordingStates.map((state) => sql.lit(state)))})`;

export const recordingTable = (executor: Executor, clock: Clock): StoreOperations['recordings'] => ({
  ...pageable<Recording, RecordingFilter>(executor, branches),
  byKeys: (keys) => byKeys(executor, keys.map(keyRowId)),
  put: (rows) => (rows.length === 0 ? Promise.resolve() : executor.write((database, send) => put({ database, send }, rows, clock.now()))),
  trim: (before) => trimRows(executor, { table: 'recordings', states: finalStates }, before),
  live: (sources) => ofSources(executor, 'recordings', { sources, where: stateIn(liveRecordingStates), order: 'desc' }),
  liveOf: (keys) =>
    executor.read((database) =>
      ofEach(keys.map(keyRowId), (ids) => {
        const query = database.selectFrom('recordings').select(['agent_id as of', 'data']).where('agent_id', 'in', ids).where(isLive);
        return query.orderBy('sort_ms', 'desc').orderBy('id', 'desc').execute();
      }),
    ),
  ofCalls: (keys) =>
    executor.read((database) =>
      ofEach(keys.map(keyRowId), (ids) => {
        const query = database.selectFrom('recordings').select(['call_id as of', 'data']).where('call_id', 'in', ids);
        return query.orderBy('sort_ms').orderBy('id').execute();
      }),
    ),
});
