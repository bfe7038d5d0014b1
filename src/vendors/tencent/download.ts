/** Downloads what a link leads to, with a look at each address on the way and at what comes. */
import {
  audioHeadBytes,
  type ByteRange,
  declaredLength,
  detectAudio,
  ExpectedError,
  headerOf,
  type OpenedMedia,
  readAhead,
  type VendorApi,
  type VendorStream,
} from '../kit/index.ts';
import type { MediaHosts } from './media-hosts.ts';

const maxRedirects = 3;

export const unavailable = (message: string, options: ConstructorParameters<typeof ExpectedError>[2] = {}) =>
  new ExpectedError('MEDIA_UNAVAILABLE', message, { retryable: false, ...options });

export interface Download {
  source: string;
  client: VendorApi;
  hosts: MediaHosts;
  range: ByteRange | undefined;
  signal: AbortSignal;
}

/** A link that does not lead to the audio (any more): another one may. */
export class DeadLink extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

const parsed = (text: string, base?: URL): URL => {
  try {
    return new URL(text, base);
  } catch (cause) {
    throw unavailable('The recording was not fetched: the vendor gave an address that is not a URL.', { cause });
  }
};

/**
 * Path and query exactly as they were given: signatures break when they are decoded and encoded again. Only what no request line
 * can carry is encoded.
 */
export const verbatimPath = (text: string): string => {
  const rest = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:[\\/]+[^/?#\\]*/i, '')
    .replace(/#.*$/s, '');
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return path.replace(/[^\u0021-\u007e]/gu, (letter) => encodeURIComponent(letter));
};

const rangeOf = (stream: VendorStream): OpenedMedia['range'] => {
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headerOf(stream, 'content-range')) ?? [];
  return stream.status === 206 && start && end && total ? { start: Number(start), end: Number(end), total: Number(total) } : null;
};

/** The vendor's recordings are MP3; stores that do not know say one of these, or nothing. */
const isPlainFile = (declared: string): boolean => /^\s*((application|binary)\/octet-stream\b.*)?$/i.test(declared);

/** Follows redirects itself, so that each hop is checked like the first address. */
const request = async ({ source, client, hosts, range, signal }: Download, link: string): Promise<VendorStream> => {
  let address = link;
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const url = parsed(address);
    hosts.check(url);
    const stream = await client.stream({
      operation: 'media',
      method: 'GET',
      origin: url.origin,
      path: verbatimPath(address),
      headers: {
        'accept-encoding': 'identity',
        ...(range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {}),
      },
      signal,
    });
    if (stream.status < 300 || stream.status === 304 || stream.status >= 400) return stream;
    stream.close();
    const location = headerOf(stream, 'location');
    if (location === '') throw new DeadLink(stream.status);
    address = /^https?:/i.test(location) ? location : parsed(location, url).href;
  }
  throw unavailable(`${source}: the recording was not fetched: its address redirects more than ${maxRedirects} times.`);
};

/** Opens the audio behind a link; throws `DeadLink` where there is none. */
export const openLink = async (download: Download, link: string): Promise<OpenedMedia> => {
  const stream = await request(download, link);
  try {
    if (stream.status === 416) {
      throw unavailable(`${download.source}: the recording is shorter than the requested range.`, { vendorCode: '416' });
    }
    if (stream.status !== 200 && stream.status !== 206) throw new DeadLink(stream.status);
    if (stream.status === 206 && headerOf(stream, 'content-encoding') !== '') {
      // A part of what is compressed cannot be decompressed: the whole can.
      stream.close();
      return await openLink({ ...download, range: undefined }, link);
    }
    const { head: first, whole } = await readAhead(stream.body, ({ length }) => length >= audioHeadBytes);
    const given = rangeOf(stream);
    const declared = headerOf(stream, 'content-type');
    const continued = given !== null && given.start > 0 && first.length > 0;
    const audio = detectAudio(first, { declared, continued, ...(isPlainFile(declared) ? { headerless: 'MP3' as const } : {}) });
    if (audio === null) throw new DeadLink(stream.status);
    return { ...audio, byteLength: declaredLength(stream), range: given, body: whole, close: stream.close };
  } catch (error) {
    stream.close();
    throw error;
  }
};
