/** The rows of the catalogue: a page of a million recordings against a peer's, and pages of a million against pages of 10,000. */
import type { Position, RecordingFilter } from '../../src/domain/ports/pages.ts';
import type { Store } from '../../src/domain/ports/store.ts';
import { callId, createPostgres, createSqlite, dayMs, days, openCatalogue, spacingMs, startMs } from './catalogue-database.ts';
import { median } from './load.ts';
import { type Bench, startBuilds } from './options.ts';
import { authorization } from './ours.ts';
import { startPeer } from './peers.ts';
import { requireSameAnswers } from './questions.ts';
import { comparedRow, type Row } from './table.ts';

const pageSize = 25;
const warmRounds = 20;
const rounds = 100;
const flat = 3;

const key = (externalId: string) => ({ source: 'hq', externalId });

interface PageQuery {
  filter: RecordingFilter;
  after: Position | null;
}

/** Pages of a catalogue of so many days, by name; another one of the kind each round. */
const pages = (size: number): Readonly<Record<string, (round: number) => PageQuery>> => {
  const middle = (round: number): Position => [startMs + (size * dayMs) / 2 + round * spacingMs, 'hq:z'];
  const third = (round: number) => startMs + Math.floor((size * dayMs) / 3) + round * spacingMs;
  const first = (filter: RecordingFilter) => () => ({ filter, after: null });
  return {
    'first page': first({}),
    'deep page': (round) => ({ filter: {}, after: middle(round) }),
    'of a source, deep': (round) => ({ filter: { sources: ['hq'] }, after: middle(round) }),
    'by agent': (round) => ({ filter: { agent: key(String(round)) }, after: null }),
    'by agent, deep': (round) => ({ filter: { agent: key(String(round)) }, after: middle(round) }),
    'by time': (round) => ({
      filter: {
        startedAfter: new Date(third(round)).toISOString(),
        startedBefore: new Date(third(round) + 500 * spacingMs).toISOString(),
      },
      after: null,
    }),
    'by rare state': first({ states: ['EXPIRED'] }),
    'by three states': first({ states: ['AVAILABLE', 'RECORDING', 'FAILED'] }),
    'by rare kind': first({ kinds: ['SCREEN'] }),
    'by number': (round) => ({ filter: { number: `0045${10_000_000 + round}` }, after: null }),
    'by call': (round) => ({ filter: { call: key(callId(round % size, round)) }, after: null }),
  };
};

const timed = async (store: Store, query: PageQuery): Promise<number> => {
  // A commit of something new in between, so that no page is one that was kept since the last.
  await store.vendorState('hq').put('page', performance.now());
  const startedAt = performance.now();
  const [page] = await store.recordings.pages([{ first: pageSize, ...query }]);
  const ms = performance.now() - startedAt;
  if (page!.items.length === 0) throw new Error(`an empty page proves nothing: ${JSON.stringify(query)}`);
  return ms;
};

/** Medians of each page in ms, the small catalogue and the large one read in turn. */
const measure = async (small: Store, large: Store) => {
  const ofLarge = pages(days);
  const measured: { page: string; smallMs: number; largeMs: number }[] = [];
  for (const [page, ofSmall] of Object.entries(pages(1))) {
    const smallMs: number[] = [];
    const largeMs: number[] = [];
    for (let round = -warmRounds; round < rounds; round += 1) {
      const place = Math.abs(round);
      smallMs.push(await timed(small, ofSmall(place)));
      largeMs.push(await timed(large, ofLarge[page]!(place)));
    }
    measured.push({ page, smallMs: median(smallMs.slice(warmRounds)), largeMs: median(largeMs.slice(warmRounds)) });
  }
  return measured;
};

const pagesRow = async (name: string, title: string, small: Store, large: Store): Promise<Row> => {
  const cells = (await measure(small, large)).map((cell) => ({ ...cell, times: cell.largeMs / cell.smallMs }));
  const most = cells.toSorted((left, right) => right.times - left.times)[0]!;
  const shown = (which: 'smallMs' | 'largeMs') => cells.map((cell) => `${cell.page} ${cell[which].toFixed(2)}`).join(', ');
  return {
    name,
    work: `pages of 25 of 1,000,000 recordings, ${title}, in ms`,
    result: shown('largeMs'),
    against: `of 10,000: ${shown('smallMs')}; most: ${most.page}, ${most.times.toFixed(1)} ×`,
    bar: `flat to ${flat} ×`,
    isMet: most.times <= flat,
  };
};

const query = (recordings: string) =>
  `{ ${recordings} { nodes { externalId state startedAt fileName call { externalId state caller } agent { externalId name } } } }`;
const ownQuery = query('recordings(first: 100, filter: { sources: ["hq"] })');
const peersQuery = query('recordings(first: 100, source: "hq")');

const pageRow = async (bench: Bench, name: string, title: string, store: string): Promise<Row> => {
  const options = { folder: `${bench.folder}/${name}`, vendorUrl: bench.vendor.url, maxStalenessSeconds: 86_400, sources: ['hq'] as const };
  const builds = await startBuilds(bench, { ...options, store, otherStore: store });
  const peer = builds.other === null ? await startPeer('catalogue', bench.folder, bench.vendor.url, { STORE: store }) : null;
  try {
    const contenders = [
      { name: 'ours', server: builds.ours, query: ownQuery },
      ...(builds.other === null ? [] : [{ name: 'other', title: 'the other build', server: builds.other, query: ownQuery }]),
      ...(peer === null ? [] : [{ name: 'mercurius', title: 'Mercurius-JIT with DataLoader', server: peer, query: peersQuery }]),
    ].map((one) => ({
      ...one,
      load: { url: `${one.server.url}/graphql`, headers: authorization, body: JSON.stringify({ query: one.query }) },
    }));
    const answers = await Promise.all(
      contenders.map(async (one) => {
        const response = await fetch(one.load.url, { method: 'POST', headers: authorization, body: one.load.body });
        return { name: one.name, question: { query: one.query }, text: await response.text() };
      }),
    );
    requireSameAnswers(answers);
    const bars = peer === null ? [] : [{ peer: 'mercurius', times: 1 }];
    const work = `a page of 100 of 1,000,000 recordings with call and agent, ${title}, 1 client`;
    return await comparedRow(bench.folder, { name, work, contenders, connections: 1, bars }, bench.judged);
  } finally {
    await builds.stop();
    await peer?.stop();
  }
};

const databases = [
  { suffix: 'sqlite', title: 'SQLite', create: (file: string) => Promise.resolve(createSqlite(file)) },
  { suffix: 'postgres', title: 'PostgreSQL', create: () => createPostgres() },
];

export const catalogueRows = async (bench: Bench): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const { suffix, title, create } of databases) {
    const [page, pages] = [`catalogue-${suffix}`, `pages-${suffix}`];
    if (!bench.isWanted(page) && !bench.isWanted(pages)) continue;
    const [few, many] = [await create(`${bench.folder}/few.db`), await create(`${bench.folder}/many.db`)];
    try {
      const startedAt = performance.now();
      const large = await openCatalogue(many, days);
      process.stderr.write(`${title} was filled in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
      if (bench.isWanted(pages)) {
        const small = await openCatalogue(few, 1);
        rows.push(await pagesRow(pages, title, small, large));
        await small.close();
      }
      await large.close();
      if (bench.isWanted(page)) rows.push(await pageRow(bench, page, title, many.url));
    } finally {
      await few.close();
      await many.close();
    }
  }
  return rows;
};
