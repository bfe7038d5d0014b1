/** Rows of reading: the board, the recordings of many agents, and entities. */
import { authorization, callers, startOurs } from './ours.ts';
import { type PeerName, peerNames, startPeer } from './peers.ts';
import type { Server } from './processes.ts';
import { boardQuestions, entityQuestions, officeQuestions, type Question, requireSameAnswers } from './questions.ts';
import { type Contender, compare, type Measured, rate } from './rounds.ts';
import type { Row } from './table.ts';
import type { Vendor } from './vendor.ts';

interface Asked {
  name: string;
  server: Server;
  question: Question;
}

const titles: Readonly<Record<PeerName, string>> = {
  limit: 'bare node:http and undici (the limit)',
  mercurius: 'Mercurius with JIT',
  tailcall: 'Tailcall',
  yoga: 'GraphQL Yoga',
  apollo: 'Apollo Server, type-graphql, stock',
  mesh: "Mesh's REST source in Yoga",
};

const bodyOf = ({ query, variables }: Question) => JSON.stringify({ query, ...(variables && { variables }) });

const contenderOf = ({ name, server, question }: Asked): Contender => ({
  name,
  load: { url: `${server.url}/graphql`, body: bodyOf(question), headers: authorization },
});

/** As `contenderOf`, each request from the next of many callers. */
const contenderOfMany = (asked: Asked): Contender => {
  const { load, name } = contenderOf(asked);
  const bodyOf = `(function() wrk.headers.authorization = 'Bearer bench-' .. (n % ${callers}); return wrk.body end)()`;
  return { name, load: { ...load, bodyOf } };
};

const answerOf = async ({ server, question }: Asked): Promise<string> => {
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers: authorization, body: bodyOf(question) });
  return response.text();
};

const requireSame = async (asked: readonly Asked[]): Promise<void> =>
  requireSameAnswers(await Promise.all(asked.map(async (one) => ({ ...one, text: await answerOf(one) }))));

const listOf = (measured: ReadonlyMap<string, Measured>, ours: Measured): string =>
  [...measured.values()]
    .filter(({ name }) => name in titles)
    .map((one) => `${titles[one.name as PeerName]} ${rate(one)} (${(ours.perSecond / one.perSecond).toFixed(2)}×)`)
    .join('<br>');

export const readRows = async (folder: string, vendor: Vendor): Promise<Row[]> => {
  const reading = await startOurs({ folder: `${folder}/reading`, vendorUrl: vendor.url, maxStalenessSeconds: 0 });
  const tracking = await startOurs({ folder: `${folder}/tracking`, vendorUrl: vendor.url, maxStalenessSeconds: 86_400, pollSeconds: 1 });
  const peers = new Map<PeerName, Server>();
  for (const name of peerNames) peers.set(name, await startPeer(name, folder, vendor.url));
  const servers = [reading, tracking, ...peers.values()];

  const askedOf = (questions: Partial<Record<PeerName | 'ours', Question>>): Asked[] => [
    { name: 'ours', server: reading, question: questions.ours! },
    ...[...peers].flatMap(([name, server]) => (questions[name] ? [{ name, server, question: questions[name] }] : [])),
  ];
  const callsPerRequest = async (asked: Asked): Promise<number> => {
    const before = await vendor.asked();
    await answerOf(asked);
    return (await vendor.asked()) - before - 1;
  };

  try {
    const board = askedOf(boardQuestions);
    const tracked: Asked = { name: 'tracker', server: tracking, question: boardQuestions.ours! };
    await requireSame([...board, tracked]);
    const alone = await vendor.alive(() => compare(folder, [...board, tracked].map(contenderOf), { connections: 1 }));
    const together = await vendor.alive(() => compare(folder, [...board, tracked].map(contenderOf), { connections: 32 }));

    const apart = await vendor.alive(() => compare(folder, board.map(contenderOfMany), { connections: 32 }));

    const office = askedOf(officeQuestions);
    await requireSame(office);
    const calls = await Promise.all([callsPerRequest(office[0]!)]);
    const listed = await vendor.alive(() => compare(folder, office.map(contenderOf), { connections: 32 }));

    const entities = askedOf(entityQuestions);
    await requireSame(entities);
    const resolved = await vendor.alive(() => compare(folder, entities.map(contenderOf), { connections: 32 }));
    const resolvedAlone = await vendor.alive(() => compare(folder, entities.map(contenderOf), { connections: 1 }));

    const times = (measured: ReadonlyMap<string, Measured>, peer: PeerName, ours = 'ours') =>
      measured.get(ours)!.perSecond / measured.get(peer)!.perSecond;
    const isAhead = (measured: ReadonlyMap<string, Measured>) =>
      times(measured, 'mercurius') >= 1 &&
      times(measured, 'tailcall') >= 1 &&
      times(measured, 'apollo') >= 2 &&
      times(measured, 'limit') >= 0.8;
    const readers = peerNames.filter((name) => name !== 'limit');
    const bestReader = Math.min(...readers.map((name) => times(together, name, 'tracker')));
    const boardWanted = '≥ 1.0 × Mercurius-JIT and Tailcall, ≥ 2 × stock Apollo, ≥ 0.8 of the limit';
    const row = (work: string, measured: ReadonlyMap<string, Measured>, wanted: string, reached: boolean | null, ours = 'ours'): Row => ({
      work,
      result: rate(measured.get(ours)!),
      against: listOf(measured, measured.get(ours)!),
      wanted,
      reached,
    });
    return [
      row('board read through, 1 client (nothing can be shared)', alone, boardWanted, isAhead(alone)),
      row(
        'board read through, 32 clients (what ours is asked twice in a turn of the loop is executed once)',
        together,
        boardWanted,
        isAhead(together),
      ),
      row(
        `board read through, 32 clients with a key each (only the vendor's answer is shared, as everywhere)`,
        apart,
        boardWanted,
        isAhead(apart),
      ),
      row(
        `recordings of 20 agents, no batch call, 32 clients; ${calls[0]} vendor calls a request alone, shared when together`,
        listed,
        '≥ 1.5 × Tailcall and Mercurius-JIT',
        times(listed, 'tailcall') >= 1.5 && times(listed, 'mercurius') >= 1.5,
      ),
      row('board from the tracker, 32 clients', together, '≥ 3 × the best peer reading through', bestReader >= 3, 'tracker'),
      row('_entities, 100 representations, 1 client', resolvedAlone, '≥ 2 × stock Apollo', times(resolvedAlone, 'apollo') >= 2),
      row('_entities, 100 representations, 32 clients', resolved, '≥ 2 × stock Apollo', times(resolved, 'apollo') >= 2),
    ];
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
};
