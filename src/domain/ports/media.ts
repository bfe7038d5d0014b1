/** Reads the audio of a recording. */
import type { Recording } from '../model/entities.ts';

export type AudioEncoding = 'MP3' | 'WAV' | 'ALAW_8000' | 'VOX_8000' | 'VOX_6000' | 'MP4' | 'UNKNOWN';

export interface ByteRange {
  /** First byte, counted from 0. */
  start: number;
  /** Last byte, inclusive; null for the rest. */
  end: number | null;
}

export interface OpenedMedia {
  contentType: string;
  encoding: AudioEncoding;
  /** Bytes in `body`, when the vendor says. */
  byteLength: number | null;
  /** The part of the file that `body` is, where the vendor honoured a range. */
  range: { start: number; end: number; total: number } | null;
  /** Ends early, by throwing, when the vendor breaks off: a part is never presented as the whole. A chunk is its reader's, memory and all. */
  body: AsyncIterable<Uint8Array>;
  /** Stops the vendor's stream; safe to call at any time and twice. */
  close(): void;
}

export interface MediaReader {
  /** True if the vendor honours byte ranges. */
  ranges: boolean;
  /**
   * Checks that it is audio before it answers; throws MEDIA_UNAVAILABLE: retryable while it may still come, with a vendor code where the vendor says
   * that it has none.
   */
  open(recording: Recording, options: { range?: ByteRange; signal: AbortSignal }): Promise<OpenedMedia>;
}
