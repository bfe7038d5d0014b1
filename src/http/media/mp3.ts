/** MPEG audio, frame by frame: frames of a stretch become silent ones of the same length, so that lengths and places stay. */
import type { Bytes } from '../../lib/bytes.ts';
import type { Stretch } from './silence.ts';

export interface FrameHeader {
  bytes: number;
  samples: number;
  sampleRate: number;
  layer: 1 | 2 | 3;
  /** Of the header, its check sum and layer III's side information: what precedes the main data. */
  prefixBytes: number;
  checked: boolean;
  /** MPEG-1, whose side information reaches further back. */
  first: boolean;
}

const firstRates = [44_100, 48_000, 32_000];
/** In kbit/s by index 1 to 14. */
const bitRates = {
  first: {
    1: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  },
  later: {
    1: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    3: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  },
} as const;

/** Null where the four bytes at `at` are no frame's header; a frame of free format, whose length no header tells, is none either. */
export const readFrameHeader = (bytes: Uint8Array, at: number): FrameHeader | null => {
  const [sync = 0, kind = 0, rates = 0, mode = 0] = bytes.subarray(at, at + 4);
  if (sync !== 0xff || (kind & 0xe0) !== 0xe0) return null;
  const version = (kind >> 3) & 3;
  const layer = (4 - ((kind >> 1) & 3)) as 1 | 2 | 3 | 4;
  if (version === 1 || layer === 4) return null;
  const first = version === 3;
  const rate = firstRates[(rates >> 2) & 3];
  const kilobits = bitRates[first ? 'first' : 'later'][layer][(rates >> 4) - 1];
  if (rate === undefined || kilobits === undefined) return null;
  const sampleRate = first ? rate : version === 2 ? rate / 2 : rate / 4;
  const padding = (rates >> 1) & 1;
  const samples = layer === 1 ? 384 : layer === 3 && !first ? 576 : 1152;
  const length =
    layer === 1
      ? (Math.floor((12_000 * kilobits) / sampleRate) + padding) * 4
      : Math.floor(((samples / 8) * 1000 * kilobits) / sampleRate) + padding;
  const mono = mode >> 6 === 3;
  const checked = (kind & 1) === 0;
  const side = layer !== 3 ? 0 : first ? (mono ? 17 : 32) : mono ? 9 : 17;
  return { bytes: length, samples, sampleRate, layer, first, checked, prefixBytes: 4 + (checked ? 2 : 0) + side };
};

/** The check sum of a layer III frame: of the header's second half and the side information. */
const checkSum = (frame: Uint8Array, prefixBytes: number): number => {
  let sum = 0xffff;
  const take = (byte: number) => {
    for (let bit = 7; bit >= 0; bit -= 1) sum = ((sum << 1) ^ (((sum >> 15) ^ (byte >> bit)) & 1 ? 0x8005 : 0)) & 0xffff;
  };
  for (const byte of frame.subarray(2, 4)) take(byte);
  for (const byte of frame.subarray(6, prefixBytes)) take(byte);
  return sum;
};

const withCheckSum = (silent: Uint8Array, frame: Uint8Array, header: FrameHeader): Uint8Array => {
  if (header.checked && header.layer !== 3) silent[1] = frame[1]! | 1;
  if (header.checked && header.layer === 3) {
    const sum = checkSum(silent, header.prefixBytes);
    silent.set([sum >> 8, sum & 0xff], 4);
  }
  return silent;
};

/** A frame that decodes to silence, nothing in it being allocated. */
const silentFrame = (frame: Uint8Array, header: FrameHeader): Uint8Array => {
  const silent = new Uint8Array(frame.length);
  silent.set(frame.subarray(0, 4));
  return withCheckSum(silent, frame, header);
};

/** As `silentFrame`; keeps the bytes that later frames look for in it, and the `intact` ones before it within their reach. */
const mutedFrame = (frame: Uint8Array, header: FrameHeader, intact: number): Uint8Array => {
  const muted = Uint8Array.from(frame);
  muted.fill(0, 4, header.prefixBytes);
  const at = header.checked ? 6 : 4;
  if (header.first) muted.set([intact >> 1, (intact & 1) << 7], at);
  else muted[at] = Math.min(intact, 255);
  return withCheckSum(muted, frame, header);
};

/** How many bytes before the frame its own data begin. */
const reachBack = (frame: Uint8Array, header: FrameHeader): number => {
  if (header.layer !== 3) return 0;
  const at = header.checked ? 6 : 4;
  return header.first ? (frame[at]! << 1) | (frame[at + 1]! >> 7) : frame[at]!;
};

/** The encoder's note to players, which is no audio. */
const isNote = (frame: Uint8Array, header: FrameHeader): boolean =>
  /^(Xing|Info|VBRI)$/.test(Buffer.from(frame.subarray(header.prefixBytes, header.prefixBytes + 4)).toString('latin1')) ||
  Buffer.from(frame.subarray(36, 40)).toString('latin1') === 'VBRI';

/** How far a frame sounds into the ones behind it, and how much later than it was said something is heard at most. */
const overlapSamples = 1152;
const delaySamples = 2257;
const largestReach = 511;

interface Held {
  frame: Uint8Array;
  mainBytes: number;
}

/** Zeroes the last `count` bytes of main data. */
const withoutTail = (held: readonly Held[], count: number): void => {
  let left = count;
  for (let index = held.length - 1; index >= 0 && left > 0; index -= 1) {
    const one = held[index]!;
    one.frame = Uint8Array.from(one.frame);
    one.frame.fill(0, one.frame.length - Math.min(left, one.mainBytes));
    left -= one.mainBytes;
  }
};

/** Bytes at the front of a stream that are a tag. Null where the front is too short to tell. */
const tagBytes = (bytes: Uint8Array): number | null => {
  if (bytes.length < 10) return null;
  if (Buffer.from(bytes.subarray(0, 3)).toString('latin1') !== 'ID3') return 0;
  const [, , , , , flags = 0, a = 0, b = 0, c = 0, d = 0] = bytes;
  return 10 + ((a << 21) | (b << 14) | (c << 7) | d) + (flags & 0x10 ? 10 : 0);
};

/**
 * Silences the frames that sound within the stretches. Layer III keeps parts of a frame in the frames before it: such parts of a
 * silenced frame go too, and frames behind it that would need what is gone are silent until one finds all of its own.
 */
export async function* silenceMp3(body: Bytes, stretches: readonly Stretch[]): Bytes {
  let rest: Uint8Array = new Uint8Array(0);
  let tagLeft: number | null = null;
  let sample = 0;
  let first = true;
  /** Main data that was left as it was, without a gap up to here; more of it is never looked for. */
  let intact = 0;
  let stretchBegan = false;
  let held: Held[] = [];

  const sounds = ({ samples, sampleRate }: FrameHeader): boolean =>
    stretches.some(
      ({ fromMs, toMs }) =>
        (sample + samples + overlapSamples) * 1000 > fromMs * sampleRate && (sample - delaySamples) * 1000 < toMs * sampleRate,
    );

  const take = (frame: Uint8Array, header: FrameHeader): void => {
    const note = first && isNote(frame, header);
    first = false;
    const mainBytes = Math.max(0, frame.length - header.prefixBytes);
    if (note) {
      held.push({ frame, mainBytes });
      return;
    }
    const reach = reachBack(frame, header);
    const inStretch = sounds(header);
    sample += header.samples;
    if (inStretch) withoutTail(held, reach);
    const lacks = reach > intact && stretchBegan;
    held.push({ frame: inStretch ? silentFrame(frame, header) : lacks ? mutedFrame(frame, header, intact) : frame, mainBytes });
    stretchBegan ||= inStretch;
    intact = inStretch ? 0 : Math.min(intact + mainBytes, largestReach);
  };

  /** What no later frame can reach back into any more. */
  const release = (all: boolean): Uint8Array | null => {
    let reachable = 0;
    let keep = held.length;
    while (!all && keep > 0 && reachable < largestReach) {
      keep -= 1;
      reachable += held[keep]!.mainBytes;
    }
    const out = all ? held : held.slice(0, keep);
    if (out.length === 0) return null;
    held = all ? [] : held.slice(keep);
    return Buffer.concat(out.map(({ frame }) => frame));
  };

  for await (const piece of body) {
    let chunk: Uint8Array = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    rest = new Uint8Array(0);
    if (tagLeft === null) {
      tagLeft = tagBytes(chunk);
      if (tagLeft === null) {
        rest = chunk;
        continue;
      }
    }
    if (tagLeft > 0) {
      const tag = chunk.subarray(0, tagLeft);
      tagLeft -= tag.length;
      chunk = chunk.subarray(tag.length);
      yield tag;
    }
    let at = 0;
    while (at + 4 <= chunk.length) {
      const header = readFrameHeader(chunk, at);
      if (header === null) {
        let end = at + 1;
        while (end < chunk.length && chunk[end] !== 0xff) end += 1;
        const before = release(true);
        if (before) yield before;
        // What is no frame may be anything: only zeros leave.
        yield new Uint8Array(end - at);
        intact = 0;
        at = end;
        continue;
      }
      if (at + header.bytes > chunk.length) break;
      take(chunk.subarray(at, at + header.bytes), header);
      at += header.bytes;
    }
    rest = Uint8Array.from(chunk.subarray(at));
    const ready = release(false);
    if (ready) yield ready;
  }
  const last = release(true);
  if (last) yield last;
  if (rest.length > 0) yield new Uint8Array(rest.length);
}
