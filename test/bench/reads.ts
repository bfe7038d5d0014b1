/** Rows of reading: the board, the recordings of many agents, and entities. */

import { type Bench, type Builds, startBuilds } from './options.ts';
import { authorization, callers } from './ours.ts';
import { type PeerName, peerNames, startPeer } from './peers.ts';
import { rest, type Server } from './processes.ts';
import {
  boardQuestions,
  entitiesByIdQuestions,
  entitiesByKeyQuestions,
  officeQuestions,
  type Question,
  type Questions,
  requireSameAnswers,
} from './questions.ts';
import type { Contender } from './rounds.ts';
import { type Bar, comparedRow, type Row } from './table.ts';

interface Candidate {
  name: string;
  title: string;
  server: Server;
  question: Question;
}

const titles: Readonly<Record<PeerName, string>> = {
  limit: 'bare node:http and undici',
  mercurius: 'Mercurius-JIT',
  tailcall: 'Tailcall',
  yoga: 'GraphQL Yoga',
  apollo: 'stock Apollo',
  mesh: "Mesh's REST source in Yoga",
  string: 'Apollo answering one string',
};

const bodyOf = ({ query, variables }: Question) => JSON.stringify({ query, ...(variables && { variables }) });

const contenderOf = ({ name, title, server, question }: Candidate): Contender & { title: string } => ({
  name,
  title,
  load: { url: `${server.url}/graphql`, body: bodyOf(question), headers: authorization },
});

/** As `contenderOf`, each request from the next of many callers. */
const contenderOfMany = (candidate: Candidate): Contender & { title: string } => {
  const contender = contenderOf(candidate);
  const bodyOf = `(function() wrk.headers.authorization = 'Bearer bench-' .. (n % ${callers}); return wrk.body end)()`;
  return { ...contender, load: { ...contender.load, bodyOf } };
};

const answerOf = async ({ server, question }: Candidate): Promise<string> => {
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers: authorization, body: bodyOf(question) });
  return response.text();
};

const settlesMs = 10_000;

/** Live state shows what the vendor says after the next poll. */
const requireSame = async (candidates: readonly Candidate[]): Promise<void> => {
  for (const startedAt = performance.now(); ; await rest(250)) {
    try {
      return requireSameAnswers(await Promise.all(candidates.map(async (one) => ({ ...one, text: await answerOf(one) }))));
    } catch (error) {
      if (performance.now() - startedAt > settlesMs) throw error;
    }
  }
};

const ofOurs = (builds: Builds, question: Question): readonly Candidate[] => [
  { name: 'ours', title: 'ours', server: builds.ours, question },
  ...(builds.other === null ? [] : [{ name: 'other', title: 'the other build', server: builds.other, question }]),
];

const bars = (least: Partial<Record<PeerName, number>>): readonly Bar[] =>
  Object.entries(least).map(([peer, times]) => ({ peer, times: times! }));

interface ReadRow {
  name: string;
  work: string;
  builds: Builds;
  questions: Questions;
  peers: readonly PeerName[];
  connections: number;
  /** True where each request is of another caller. */
  isApart?: boolean;
  bars?: readonly Bar[];
}

const rowsOf = (through: Builds, live: Builds): readonly ReadRow[] => {
  const throughBars = { mercurius: 1, tailcall: 1.5, apollo: 2 };
  const liveBars = bars({ mercurius: 2, string: 0.4 });
  const board = { builds: through, questions: boardQuestions };
  const entities = { builds: through, peers: ['apollo', 'limit'] as const, bars: bars({ apollo: 1.2, limit: 0.65 }), connections: 1 };
  const boardPeers = ['mercurius', 'tailcall', 'apollo', 'limit'] as const;
  const livePeers = ['mercurius', 'string'] as const;
  return [
    {
      name: 'live-1',
      work: 'board from live state, 1 client',
      builds: live,
      questions: boardQuestions,
      peers: livePeers,
      connections: 1,
      bars: liveBars,
    },
    {
      name: 'live-32',
      work: 'board from live state, 32 clients with a key each',
      builds: live,
      questions: boardQuestions,
      peers: livePeers,
      connections: 32,
      isApart: true,
      bars: liveBars,
    },
    {
      ...board,
      name: 'through-1',
      work: 'board read through, 1 client',
      peers: boardPeers,
      connections: 1,
      bars: bars({ ...throughBars, limit: 0.55 }),
    },
    {
      ...board,
      name: 'through-32',
      work: 'board read through, 32 clients with a key each',
      peers: boardPeers,
      connections: 32,
      isApart: true,
      bars: bars({ ...throughBars, limit: 0.75 }),
    },
    {
      name: 'office-32',
      work: 'recordings of 20 agents, no batch call, 32 clients with a key each',
      builds: through,
      questions: officeQuestions,
      peers: ['mercurius', 'tailcall', 'apollo', 'limit'],
      connections: 32,
      isApart: true,
      bars: bars({ mercurius: 1.5, tailcall: 1.5 }),
    },
    { ...entities, name: 'entities-id', work: '_entities, 100 by id, 1 client', questions: entitiesByIdQuestions },
    { ...entities, name: 'entities-key', work: '_entities, 100 by sourceName externalId, 1 client', questions: entitiesByKeyQuestions },
    {
      ...board,
      name: 'shared-through-32',
      work: 'board read through, 32 clients of one key',
      peers: ['mercurius', 'yoga', 'mesh', 'limit'],
      connections: 32,
    },
    {
      name: 'shared-live-32',
      work: 'board from live state, 32 clients of one key',
      builds: live,
      questions: boardQuestions,
      peers: livePeers,
      connections: 32,
    },
    {
      name: 'shared-office-32',
      work: 'recordings of 20 agents, no batch call, 32 clients of one key',
      builds: through,
      questions: officeQuestions,
      peers: ['mercurius', 'limit'],
      connections: 32,
    },
    {
      ...entities,
      bars: [],
      name: 'shared-entities-32',
      work: '_entities, 100 by sourceName externalId, 32 clients of one key',
      questions: entitiesByKeyQuestions,
      connections: 32,
    },
  ];
};

export const readRows = async (bench: Bench): Promise<Row[]> => {
  const { folder, vendor, against } = bench;
  const through = await startBuilds(bench, { folder: `${folder}/through`, vendorUrl: vendor.url, maxStalenessSeconds: 0 });
  const live = await startBuilds(bench, { folder: `${folder}/live`, vendorUrl: vendor.url, maxStalenessSeconds: 'default' });
  const wanted = rowsOf(through, live).filter(({ name }) => bench.isWanted(name));
  const boardText = await answerOf({ name: 'ours', title: 'ours', server: through.ours, question: boardQuestions.ours! });
  const servers = new Map<PeerName, Server>();
  for (const name of against === null ? peerNames.filter((peer) => wanted.some(({ peers }) => peers.includes(peer))) : []) {
    servers.set(name, await startPeer(name, folder, vendor.url, { BOARD_BYTES: String(Buffer.byteLength(boardText)) }));
  }
  const candidatesOf = ({ builds, questions, peers }: ReadRow): Candidate[] => [
    ...ofOurs(builds, questions.ours!),
    ...(against === null ? peers : []).map((name) => ({
      name,
      title: titles[name],
      server: servers.get(name)!,
      question: questions[name]!,
    })),
  ];
  const rows: Row[] = [];
  try {
    // All of them before anything lives at the vendor: what it lists once stays in our store.
    for (const row of wanted) await requireSame(candidatesOf(row).filter(({ name }) => name !== 'string'));
    for (const row of wanted) {
      const contenders = candidatesOf(row).map(row.isApart ? contenderOfMany : contenderOf);
      const isJudged = row.bars !== undefined && row.bars.length > 0;
      const comparison = { ...row, contenders, bars: against === null ? (row.bars ?? []) : [] };
      rows.push(await vendor.alive(() => comparedRow(folder, comparison, isJudged ? bench.judged : bench.shown)));
    }
    return rows;
  } finally {
    await Promise.all([through.stop(), live.stop(), ...[...servers.values()].map((server) => server.stop())]);
  }
};
