import type { OpenedMedia } from '../domain/ports/media.ts';
import { maxHeaderBytes } from './wav.ts';

/** Beyond these a file is not read through just to be counted; it then plays without seeking. */
const maxBytes = 32 * 1024 * 1024;
const maxMs = 5_000;

/**
 * Reads a file of which the vendor does not say how long it is to its end, so that players can seek in it. The result has only
 * the file's head as its body.
 */
export const measured = async (opened: OpenedMedia): Promise<OpenedMedia> => {
  if (opened.byteLength !== null) return opened;
  const untilMs = performance.now() + maxMs;
  const heads: Uint8Array[] = [];
  let length = 0;
  let complete = true;
  for await (const chunk of opened.body) {
    if (length <= maxHeaderBytes) heads.push(chunk);
    length += chunk.length;
    if (length <= maxBytes && performance.now() < untilMs) continue;
    complete = false;
    break;
  }
  const body = async function* () {
    yield* heads;
  };
  return { ...opened, byteLength: complete ? length : null, body: body() };
};
