import type { Slices } from './slices.ts';
import { wellFormedJson } from './well-formed-json.ts';

/** Values, or 32 characters of a text each, that are written at once. */
const maxValues = 10_000;
/** Characters that are made ready to be sent at once. */
const maxPart = 65_536;

/** Returns true if a value holds more than `max` values, or 32 characters of a text each. */
export const isLarge = (value: unknown, max: number): boolean => {
  let left = max;
  const count = (one: unknown): void => {
    left -= typeof one === 'string' ? 1 + one.length / 32 : 1;
    if (typeof one !== 'object' || one === null) return;
    if (Array.isArray(one)) {
      for (const inner of one) if (left >= 0) count(inner);
    } else for (const name of Object.keys(one)) if (left >= 0) count((one as Record<string, unknown>)[name]);
  };
  count(value);
  return left < 0;
};

function* partsOf(value: unknown): Generator<string, undefined> {
  if (typeof value !== 'object' || value === null || !isLarge(value, maxValues)) {
    yield JSON.stringify(value) ?? 'null';
    return;
  }
  const isList = Array.isArray(value);
  let before = isList ? '[' : '{';
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined && !isList) continue;
    yield isList ? before : `${before}${JSON.stringify(name)}:`;
    yield* partsOf(inner);
    before = ',';
  }
  yield isList ? ']' : '}';
}

interface Writing {
  caller: string;
  maxBytes: number;
  slices: Pick<Slices, 'isOver' | 'next'> | undefined;
}

/** Writes plain data as `JSON.stringify` does, in slices of the caller's and with well-formed text; null where it would be longer than it may be. */
export const jsonInSlices = async (value: object, { caller, maxBytes, slices }: Writing): Promise<string | null> => {
  let json = '';
  let part = '';
  let bytes = 0;
  const takePart = () => {
    const text = wellFormedJson(part);
    part = '';
    json += text;
    bytes += Buffer.byteLength(text);
  };
  for (const text of partsOf(value)) {
    part += text;
    if (part.length < maxPart) continue;
    takePart();
    if (bytes > maxBytes) return null;
    if (slices?.isOver()) await slices.next(caller);
  }
  takePart();
  return bytes > maxBytes ? null : json;
};
