import { type ExpectedError, type MediaReader, mayFileFollow, type OpenedMedia, type Recording, type VendorApi } from '../kit/index.ts';
import { DeadLink, type Download, openLink, unavailable } from './download.ts';
import type { MediaHosts } from './media-hosts.ts';
import type { LinkFinder, MediaLinks } from './media-link.ts';
import type { TencentSource } from './source.ts';

/** Statuses of a store that has no file, or no longer gives it out. */
const goneStatuses: ReadonlySet<number> = new Set([403, 404, 410]);
/** The vendor's API has no link to a recording. */
const noLink = 'NoRecordURL';

interface MediaOptions {
  source: TencentSource;
  client: VendorApi;
  hosts: MediaHosts;
  /** Null where there is no API to request a fresh link from. */
  links: LinkFinder | null;
}

/** The first link that leads to audio; null where none does. */
const openFirst = async (
  download: Download,
  candidates: readonly (string | null | undefined)[],
  tried: Map<string, number | null>,
): Promise<OpenedMedia | null> => {
  for (const link of candidates) {
    if (!link || tried.has(link)) continue;
    tried.set(link, null);
    try {
      return await openLink(download, link);
    } catch (error) {
      if (!(error instanceof DeadLink)) throw error;
      tried.set(link, error.status);
    }
  }
  return null;
};

/** `vendorCode`: how the vendor said that it has none; null where it did not. */
const nothingFound = ({ source, links }: MediaOptions, recording: Recording, vendorCode: string | null): ExpectedError => {
  const { name, keepMonths } = source.settings;
  const nowMs = source.context.clock.now();
  if (recording.availableUntil !== null && Date.parse(recording.availableUntil) < nowMs) {
    return unavailable(`${name}: the vendor keeps recordings for ${keepMonths} months, and no longer provides this one.`, {
      vendorCode,
    });
  }
  // The vendor reports a recording a moment before its file can be read.
  if (mayFileFollow(recording.endedAt, nowMs)) {
    return unavailable(`${name}: the vendor has announced the recording but does not provide it yet; retry in a few seconds.`, {
      retryable: true,
      retryAfterSeconds: 5,
    });
  }
  return unavailable(
    links
      ? `${name}: the vendor no longer provides the recording.`
      : `${name}: the link that the vendor pushed does not work any more; configure api, so that Tapegraph can request a new one.`,
    { vendorCode },
  );
};

export const createMediaReader = (options: MediaOptions): MediaReader => ({
  ranges: true,
  open: async (recording, { range, signal }) => {
    const { source, client, hosts, links } = options;
    const download: Download = { source: source.settings.name, client, hosts, range, signal };
    const pushed = (recording.vendorData ?? {}) as Partial<MediaLinks>;
    const cached = links?.cached(recording) ?? null;
    const tried = new Map<string, number | null>();
    const known = await openFirst(download, [cached?.url, pushed.url], tried);
    if (known) return known;
    const fresh = (await links?.fresh(recording, signal)) ?? null;
    const found = await openFirst(download, [fresh?.url, fresh?.customUrl, pushed.customUrl], tried);
    if (found) return found;
    const gone = [...tried.values()].findLast((status) => status !== null && goneStatuses.has(status));
    const hasNone = links !== null && (fresh?.url ?? fresh?.customUrl ?? null) === null;
    throw nothingFound(options, recording, gone === undefined ? (hasNone ? noLink : null) : String(gone));
  },
});
