/** The row of audio: two megabytes through the server, against undici piped by hand. */
import { authorization, startOurs } from './ours.ts';
import { startPeer } from './peers.ts';
import { compare, rate } from './rounds.ts';
import type { Row } from './table.ts';
import type { Vendor } from './vendor.ts';

const link = `{ agents(filter: { sources: ["office"] }, first: 1) { nodes { recordings(first: 1) { nodes { externalId media { __typename ... on RecordingMedia { url } ... on Problem { message } } } } } } }`;

export const mediaRows = async (folder: string, vendor: Vendor): Promise<Row[]> => {
  const ours = await startOurs({ folder: `${folder}/media`, vendorUrl: vendor.url, maxStalenessSeconds: 0 });
  const pipe = await startPeer('limit', folder, vendor.url);
  try {
    const answer = await (
      await fetch(`${ours.url}/graphql`, { method: 'POST', headers: authorization, body: JSON.stringify({ query: link }) })
    ).text();
    const url = /"url":"([^"]+)"/.exec(answer)?.[1];
    if (url === undefined) throw new Error(`there is no link in ${answer}`);
    const id = /"externalId":"(\d+)/.exec(answer)![1];
    const bareUrl = `${pipe.url}/mot/bench/queues/calls/recordings/${id}`;
    const bytes = async (address: string) => Buffer.from(await (await fetch(address)).arrayBuffer());
    if (!(await bytes(url)).equals(await bytes(bareUrl))) throw new Error('the audio is not the same');
    const measured = await compare(
      folder,
      [
        { name: 'ours', load: { url } },
        { name: 'pipe', load: { url: bareUrl } },
      ],
      { connections: 8, seconds: 2, warmSeconds: 3 },
    );
    const [own, bare] = [measured.get('ours')!, measured.get('pipe')!];
    return [
      {
        work: 'media, 2 MB, 8 clients',
        result: rate(own),
        against: `undici piped into node:http ${rate(bare)} (${(own.perSecond / bare.perSecond).toFixed(2)}×)`,
        wanted: '≥ 0.8 of a bare undici pipe',
        reached: own.perSecond >= 0.8 * bare.perSecond,
      },
    ];
  } finally {
    await ours.stop();
    await pipe.stop();
  }
};
