/**
 * Throughput of `/media/{token}` next to undici piped into a response, over loopback, vendor and client in the same process:
 * `node --import tsx test/bench/media.ts [megabytes]`.
 */
import { createServer, get, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import { auditor, listen, listener, startShelf } from '../http/media/shelf.ts';
import { blackout } from '../storage/stores.ts';

const megabytes = Number(process.argv[2] ?? 256);
const length = megabytes * 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, 0x55);
const rounds = 5;

const endings: (() => unknown)[] = [];
const shelf = await startShelf({ after: (ending) => endings.push(ending as () => unknown) });
shelf.play((_request, response) => {
  response.writeHead(200, { 'content-length': length });
  let left = length / chunk.length;
  const pour = () => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on('drain', pour);
  pour();
});
const bare = createServer(async (_request, response) => {
  const { body } = await request(shelf.vendorUrl);
  response.writeHead(200, { 'content-length': length });
  await pipeline(body, response);
});
const bareUrl = await listen(bare);

const startMs = Date.UTC(2026, 0, 5, 9);
const lastingMs = (length / 8000) * 1000;
const time = (part: number) => new Date(startMs + part * lastingMs).toISOString();
const covering = blackout('b', { support: 'EMULATED', state: 'ENDED', startsAt: time(0.25), endedAt: time(0.75) });
const row = await shelf.put({ startedAt: time(0), endedAt: time(1), durationMs: lastingMs }, [covering]);

const read = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, (response: IncomingMessage) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.on('end', () => resolve(bytes)).on('error', reject);
    }).on('error', reject);
  });

/** Megabytes a second that leave the vendor. */
const rateOf = async (url: string): Promise<number> => {
  const startedAt = performance.now();
  if ((await read(url)) < length) throw new Error('A part of the file measures nothing.');
  return megabytes / ((performance.now() - startedAt) / 1000);
};

const cases = [
  ['bare undici pipe', bareUrl],
  ['ORIGINAL', await shelf.link(row, 'ORIGINAL', auditor)],
  ['ORIGINAL, half of it silenced', await shelf.link(row, 'ORIGINAL', listener)],
  ['A-law as WAV', await shelf.link(row, 'WAV', auditor)],
] as const;
const rates = cases.map((): number[] => []);
// In turns, so that what else the machine does falls on all of them; the first round warms up.
for (let round = 0; round <= rounds; round += 1) {
  for (const [index, [, url]] of cases.entries()) {
    const rate = await rateOf(url);
    if (round > 0) rates[index]!.push(rate);
  }
}
const medians = rates.map((all) => all.sort((left, right) => left - right)[rounds >> 1]!);
const told = cases.map(([name], index) => [
  name,
  { 'MB/s': Math.round(medians[index]!), 'of the bare pipe': `${Math.round((100 * medians[index]!) / medians[0]!)} %` },
]);
console.table(Object.fromEntries(told));
bare.closeAllConnections();
bare.close();
for (const ending of endings) await ending();
