/** Reads JSON answers: their status, their shape, and whether they changed. */

import type * as z from 'zod';
import { ExpectedError } from '../../domain/model/errors.ts';
import type { HealthNotes } from './health.ts';
import { readJson } from './json.ts';
import { headerOf } from './recorded-file.ts';
import {
  aboutOf,
  type JsonAnswer,
  type JsonRequest,
  kindOf,
  type VendorApi,
  type VendorApiOptions,
  type VendorResponse,
} from './vendor-request.ts';

/** The most answers that are kept to compare the next ones with. */
const maxAnswers = 500;

const isWebPage = (headers: VendorResponse['headers'], text: string): boolean =>
  /^text\/html\b/i.test(headerOf({ headers }, 'content-type')) || /^\s*</.test(text);

export const createJsonAnswers = (
  options: Pick<VendorApiOptions, 'source' | 'statusMessages'>,
  notes: Pick<HealthNotes, 'note'>,
  request: VendorApi['request'],
): Pick<VendorApi, 'statusError' | 'answer'> => {
  const { source } = options;
  const answers = new Map<string, { digest: string; schema: unknown; value: unknown }>();

  /** Makes the error of a status outside 2xx. */
  const statusError: VendorApi['statusError'] = (jsonRequest, status, isPage = false) => {
    const { operation } = jsonRequest;
    const words = isPage ? undefined : options.statusMessages?.[status];
    const credentials = status === 401 || status === 403;
    const how = `${credentials ? 'refused' : 'answered'} with ${isPage ? 'a web page, ' : ''}HTTP ${status}`;
    const message = words
      ? `${source}: the vendor ${words} (HTTP ${status}, ${operation}).`
      : `${source}: ${operation} was ${how}; check the source's ${credentials ? 'credentials' : 'address and settings'}.`;
    notes.note(message, aboutOf(jsonRequest));
    return new ExpectedError(status === 404 && !isPage ? 'NOT_FOUND' : 'VENDOR_REJECTED', message, { vendorCode: String(status) });
  };

  /** Reads an answer through its schema, and whether it has the bytes of the one before. */
  const readAnswer = <T>(schema: z.ZodType<T>, jsonRequest: JsonRequest, isAbsent: boolean, text: string, digest: string): [T, boolean] => {
    const shown = isAbsent ? 'null' : text;
    if (kindOf(jsonRequest) !== 'read') return [readJson(schema, shown, source, jsonRequest.operation), false];
    const key = `${jsonRequest.method ?? 'GET'} ${jsonRequest.path} ${jsonRequest.body ?? ''}${jsonRequest.json === undefined ? '' : JSON.stringify(jsonRequest.json)}`;
    const known = answers.get(key);
    const unchanged = known !== undefined && known.digest === digest && known.schema === schema;
    const value = unchanged ? (known.value as T) : readJson(schema, shown, source, jsonRequest.operation);
    answers.delete(key);
    answers.set(key, { digest, schema, value });
    for (const oldest of answers.keys()) if (answers.size > maxAnswers) answers.delete(oldest);
    return [value, unchanged];
  };

  const answer = async <T>(schema: z.ZodType<T>, jsonRequest: JsonRequest): Promise<JsonAnswer<T>> => {
    const { status, headers, text, digest } = await request({
      ...jsonRequest,
      headers: { accept: 'application/json', ...jsonRequest.headers },
    });
    try {
      const isAbsent =
        (jsonRequest.absent?.includes(status) ?? false) || (jsonRequest.emptyIsAbsent === true && status < 300 && text.trim() === '');
      const isRefused = status < 200 || status >= 300;
      const isPage = isRefused && isWebPage(headers, text);
      if (isRefused && (!isAbsent || isPage)) throw statusError(jsonRequest, status, isPage);
      const whole = `${status} ${digest()}`;
      const [value, unchanged] = readAnswer(schema, jsonRequest, isAbsent, text, whole);
      notes.note(null, aboutOf(jsonRequest));
      return { value, status, headers, digest: whole, unchanged };
    } catch (error) {
      if (error instanceof ExpectedError) notes.note(error.message, aboutOf(jsonRequest));
      throw error;
    }
  };

  return { statusError, answer };
};
