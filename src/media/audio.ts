/** Opens a recording's audio at its vendor, rendered as the link says. */

import { timeSpanOf } from '../domain/model/blackout-intervals.ts';
import type { Blackout, Recording } from '../domain/model/entities.ts';
import type { MediaFormat } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import type { MediaReader } from '../domain/ports/media.ts';
import type { Bytes } from '../lib/bytes.ts';
import { subjectOf } from './availability.ts';
import { ofLength, part as partOf } from './bytes.ts';
import type { MediaContext } from './context.ts';
import { measured } from './length.ts';
import { type Rendering, render } from './rendering.ts';
import { silencesOf } from './silence.ts';

export interface AudioRequest {
  recording: Recording;
  format: MediaFormat;
  /** True if what a blackout covers is left unsilenced. */
  unmasked: boolean;
  signal: AbortSignal;
  /** Where the vendor does not say how long its file is: that, if it is known from before, or `MEASURE` to find out by reading it. */
  length: number | null | 'MEASURE';
}

/** Both included. */
interface ClosedRange {
  start: number;
  end: number;
}

export interface Audio extends Rendering {
  /** Of the vendor's file; null where it is not known. */
  vendorLength: number | null;
  /** Of the vendor, where it can give the part by itself; null where it does not. Ends the whole stream. */
  openPart(part: ClosedRange): Promise<Bytes | null>;
  close(): void;
}

/** Throws UNSUPPORTED for a source without audio. */
export const requireReader = ({ sources }: Pick<MediaContext, 'sources'>, source: string): MediaReader => {
  const reader = sources.get(source)?.media;
  if (!reader) throw new ExpectedError('UNSUPPORTED', `Source ${source} cannot fetch audio; see RecordingSource.capabilities.`);
  return reader;
};

type AudioContext = Pick<MediaContext, 'sources' | 'store'>;

const blackoutsOf = async ({ store }: AudioContext, recording: Recording): Promise<readonly Blackout[]> => {
  const { source, agent } = recording;
  if (agent === null) return [];
  const span = { agent: { source, externalId: agent }, ...timeSpanOf(recording) };
  return (await store.blackouts.overlapping([span]))[0] ?? [];
};

/** Throws what the vendor throws, and MEDIA_UNAVAILABLE where its format cannot be rendered. A measured one has no body. */
export const openAudio = async (context: AudioContext, { recording, format, unmasked, signal, length }: AudioRequest): Promise<Audio> => {
  const reader = requireReader(context, recording.source);
  const subject = subjectOf(recording);
  const blackouts = unmasked ? [] : await blackoutsOf(context, recording);
  const opened = await reader.open(recording, { signal });
  try {
    const intervalsFor = (audioMs: number | null) => silencesOf(recording, blackouts, audioMs);
    const sized = length === 'MEASURE' ? await measured(opened) : { ...opened, byteLength: opened.byteLength ?? length };
    const rendering = await render(sized, { format, subject, intervalsFor });
    const openPart = async (part: ClosedRange): Promise<Bytes | null> => {
      if (!reader.ranges || !rendering.untouched || part.start === 0) return null;
      opened.close();
      const again = await reader.open(recording, { range: part, signal });
      const { range } = again;
      if (range?.start === part.start && range.end === part.end && range.total === rendering.byteLength) {
        const broken = () => new ExpectedError('VENDOR_UNAVAILABLE', `${subject}: the vendor sent another part than it announced.`);
        return ofLength(again.body, part.end - part.start + 1, broken);
      }
      // It knows no ranges after all, and sends the whole file, compressed maybe.
      if (range === null && (again.byteLength === null || again.byteLength === rendering.byteLength)) {
        return partOf(again.body, part.start, part.end);
      }
      again.close();
      throw new ExpectedError('VENDOR_UNAVAILABLE', `${subject}: the vendor answered with another part than the requested one.`);
    };
    return { ...rendering, vendorLength: sized.byteLength, openPart, close: opened.close };
  } catch (error) {
    opened.close();
    throw error;
  }
};
