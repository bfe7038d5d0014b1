/** Reads off a push or a record since when a recording's file exists, where, and for how long. Pure. */
import { type Instant, type Recording, reported } from '../kit/index.ts';
import { instantOrNull } from './call-detail.ts';

/** The vendor's link to a file, and that into the customer's own bucket. */
export interface Links {
  RecordURL: string | null;
  CustomRecordURL: string | null;
}

/** The end of the vendor's own storage; a day that the last month lacks falls to its last, so that no day too many is promised. */
export const storedUntil = (generatedMs: number | null, keepMonths: number): Instant | null => {
  const from = instantOrNull(generatedMs);
  if (from === null) return null;
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + keepMonths);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.toISOString();
};

/** File names end in the epoch second at which the track began (`…-000-1608130637.mp3`); null where this one does not. */
export const startInFileName = (url: string | null, generatedMs: number | null): number | null => {
  const found = /-(\d{10})\.\w{2,4}(?:$|[?#])/.exec(url ?? '');
  if (!found || generatedMs === null) return null;
  const startMs = Number(found[1]) * 1000;
  return startMs <= generatedMs && generatedMs - startMs < 86_400_000 ? startMs : null;
};

interface StoredFile {
  links: Links;
  /** When the vendor made the file, in epoch ms. */
  generatedMs: number | null;
  keepMonths: number;
  /** The recording as it is known. */
  stored: Recording | undefined;
}

/**
 * Judges a track by its links: the vendor does not delete one in the customer's own bucket, and without a link there is no file yet. A link or a
 * time that is missing says nothing about those that are stored.
 */
export const storage = ({ links, generatedMs, keepMonths, stored }: StoredFile) => {
  const isOwn = links.CustomRecordURL !== null || typeof stored?.vendorData?.customUrl === 'string';
  return {
    state: (links.RecordURL ?? links.CustomRecordURL) === null ? ('STOPPED' as const) : ('AVAILABLE' as const),
    ...(isOwn ? { availableUntil: null } : reported({ availableUntil: storedUntil(generatedMs, keepMonths) })),
  };
};

/** A recording that the vendor deleted is there again where it turns out to be in the customer's own bucket. */
export const revived = (links: Links, stored: Recording | undefined): { resumed?: true } =>
  stored?.state === 'EXPIRED' && links.CustomRecordURL !== null ? { resumed: true } : {};
