/** The row of audio: two megabytes through the server, against undici piped by hand, as undici's documentation has it. */
import { type Bench, startBuilds } from './options.ts';
import { authorization, callers } from './ours.ts';
import { startPeer } from './peers.ts';
import type { Server } from './processes.ts';
import { comparedRow, type Row } from './table.ts';

const link = `{ agents(filter: { sources: ["office"] }, first: 1) { nodes { recordings(first: 1) { nodes { externalId media { __typename ... on RecordingMedia { url } ... on Problem { message } } } } } } }`;

interface Link {
  url: string;
  /** Of the recording. */
  id: string;
}

/** One caller's link. A link, and a caller, may be played a few times at once, and what the last round left open counts. */
const linkOf = async ({ url }: Server, caller: number): Promise<Link> => {
  const headers = { ...authorization, authorization: `${authorization.authorization}-${caller}` };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: link }) });
  const answer = await response.text();
  const found = /"url":"([^"]+)"/.exec(answer)?.[1];
  if (found === undefined) throw new Error(`there is no link in ${answer}`);
  return { url: found, id: /"externalId":"(\d+)/.exec(answer)![1]! };
};

const linksOf = (server: Server): Promise<readonly Link[]> =>
  Promise.all(Array.from({ length: callers }, (_, caller) => linkOf(server, caller)));

const loadOf = (links: readonly Link[]) => ({ url: links[0]!.url, paths: links.map(({ url }) => new URL(url).pathname) });

const bytes = async (address: string) => Buffer.from(await (await fetch(address)).arrayBuffer());

export const mediaRows = async (bench: Bench): Promise<Row[]> => {
  const { folder, vendor, against, judged } = bench;
  const builds = await startBuilds(bench, { folder: `${folder}/media`, vendorUrl: vendor.url, maxStalenessSeconds: 0 });
  const pipe = await startPeer('limit', folder, vendor.url);
  try {
    const ours = await linksOf(builds.ours);
    const bareUrl = `${pipe.url}/mot/bench/queues/calls/recordings/${ours[0]!.id}`;
    if (!(await bytes(ours[0]!.url)).equals(await bytes(bareUrl))) throw new Error('the audio is not the same');
    const row = await comparedRow(
      folder,
      {
        name: 'media',
        work: 'media, 2 MB, 8 clients',
        contenders: [
          { name: 'ours', load: loadOf(ours) },
          ...(builds.other === null ? [] : [{ name: 'other', title: 'the other build', load: loadOf(await linksOf(builds.other)) }]),
          { name: 'pipe', title: 'bare undici pipe', load: { url: bareUrl } },
        ],
        connections: 8,
        bars: against === null ? [{ peer: 'pipe', times: 0.8 }] : [],
      },
      { ...judged, seconds: judged.seconds * 2, warmSeconds: 2 },
    );
    return [row];
  } finally {
    await builds.stop();
    await pipe.stop();
  }
};
