import type { Recording } from '../domain/model/entities.ts';
import { withoutEnding } from '../lib/text.ts';

/** ASCII letters, digits and dashes only, so that it is safe in a header and in any file system. */
export const fileNameOf = (recording: Recording, extension: string): string => {
  const words = `${recording.source}-${recording.externalId}`.replace(/\.[a-z0-9]{2,4}$/i, '').replace(/[^A-Za-z0-9]+/g, '-');
  return `${withoutEnding(words.slice(0, 80), '-')}.${extension}`;
};

/** `Content-Disposition` of RFC 6266: played where it is opened, and saved under the name. */
export const disposition = (fileName: string): string => `inline; filename="${fileName}"`;
