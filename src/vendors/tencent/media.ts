import {
  audioHeadBytes,
  type ByteRange,
  type Clock,
  declaredLength,
  detectAudio,
  ExpectedError,
  headerOf,
  type MediaReader,
  mayFileFollow,
  type OpenedMedia,
  type Recording,
  readAhead,
  type VendorApi,
  type VendorStream,
} from '../kit/index.ts';
import type { MediaHosts } from './media-hosts.ts';
import type { LinkFinder, MediaLinks } from './media-link.ts';

const maxRedirects = 3;

const unavailable = (message: string, options: ConstructorParameters<typeof ExpectedError>[2] = {}) =>
  new ExpectedError('MEDIA_UNAVAILABLE', message, { retryable: false, ...options });

/** Statuses of a store that has no file, or no longer gives it out. */
const goneStatuses: ReadonlySet<number> = new Set([403, 404, 410]);
/** The vendor's API has no link to a recording. */
const noLink = 'NoRecordURL';

/** A link that does not lead to the audio (any more): another one may. */
class DeadLink extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

const parsed = (text: string): URL => {
  try {
    return new URL(text);
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

interface MediaOptions {
  source: string;
  client: VendorApi;
  hosts: MediaHosts;
  clock: Clock;
  keepMonths: number;
  /** Absent where there is no API to request a fresh link from. */
  links?: LinkFinder;
}

export const createMediaReader = ({ source, client, hosts, clock, keepMonths, links }: MediaOptions): MediaReader => {
  /** Follows redirects itself, so that each hop is checked like the first address. */
  const request = async (link: string, range: ByteRange | undefined, signal: AbortSignal): Promise<VendorStream> => {
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
      address = /^https?:/i.test(location) ? location : new URL(location, url).href;
    }
    throw unavailable(`${source}: the recording was not fetched: its address redirects more than ${maxRedirects} times.`);
  };

  const open = async (link: string, range: ByteRange | undefined, signal: AbortSignal): Promise<OpenedMedia> => {
    const stream = await request(link, range, signal);
    try {
      if (stream.status === 416) {
        throw unavailable(`${source}: the recording is shorter than the requested range.`, { vendorCode: '416' });
      }
      if (stream.status !== 200 && stream.status !== 206) throw new DeadLink(stream.status);
      if (stream.status === 206 && headerOf(stream, 'content-encoding') !== '') {
        // A part of what is compressed cannot be decompressed: the whole can.
        stream.close();
        return await open(link, undefined, signal);
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

  /** The first link that leads to audio; null where none does. */
  const openFirst = async (
    candidates: readonly (string | null | undefined)[],
    range: ByteRange | undefined,
    signal: AbortSignal,
    tried: Map<string, number | null>,
  ): Promise<OpenedMedia | null> => {
    for (const link of candidates) {
      if (!link || tried.has(link)) continue;
      tried.set(link, null);
      try {
        return await open(link, range, signal);
      } catch (error) {
        if (!(error instanceof DeadLink)) throw error;
        tried.set(link, error.status);
      }
    }
    return null;
  };

  /** `vendorCode`: how the vendor said that it has none; null where it did not. */
  const nothingFound = (recording: Recording, vendorCode: string | null): ExpectedError => {
    const nowMs = clock.now();
    if (recording.availableUntil !== null && Date.parse(recording.availableUntil) < nowMs) {
      return unavailable(`${source}: the vendor keeps recordings for ${keepMonths} months, and no longer provides this one.`, {
        vendorCode,
      });
    }
    // The vendor reports a recording a moment before its file can be read.
    if (mayFileFollow(recording.endedAt, nowMs)) {
      return unavailable(`${source}: the vendor has announced the recording but does not provide it yet; retry in a few seconds.`, {
        retryable: true,
        retryAfterSeconds: 5,
      });
    }
    return unavailable(
      links
        ? `${source}: the vendor no longer provides the recording.`
        : `${source}: the link that the vendor pushed does not work any more; configure api, so that Tapegraph can request a new one.`,
      { vendorCode },
    );
  };

  return {
    ranges: true,
    open: async (recording, { range, signal }) => {
      const pushed = (recording.vendorData ?? {}) as Partial<MediaLinks>;
      const cached = links?.cached(recording) ?? null;
      const tried = new Map<string, number | null>();
      const known = await openFirst([cached?.url, pushed.url], range, signal, tried);
      if (known) return known;
      const fresh = (await links?.fresh(recording, signal)) ?? null;
      const found = await openFirst([fresh?.url, fresh?.customUrl, pushed.customUrl], range, signal, tried);
      if (found) return found;
      const gone = [...tried.values()].findLast((status) => status !== null && goneStatuses.has(status));
      const hasNone = links !== undefined && (fresh?.url ?? fresh?.customUrl ?? null) === null;
      throw nothingFound(recording, gone === undefined ? (hasNone ? noLink : null) : String(gone));
    },
  };
};
