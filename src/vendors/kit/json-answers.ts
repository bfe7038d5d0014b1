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

/** Equal for requests that ask for the same. */
const requestKey = ({ method = 'GET', path, body = '', json }: JsonRequest): string =>
  `${method} ${path} ${body}${json === undefined ? '' : JSON.stringify(json)}`;

/** Returns true if the answer says "there is none". */
const saysAbsent = ({ absent, emptyIsAbsent }: JsonRequest, { status, text }: VendorResponse): boolean =>
  (absent?.includes(status) ?? false) || (emptyIsAbsent === true && status < 300 && text.trim() === '');

interface RefusedRequest {
  operation: string;
  status: number;
  isPage: boolean;
}

type StatusOptions = Pick<VendorApiOptions, 'source' | 'statusMessages'>;

const statusMessage = ({ source, statusMessages }: StatusOptions, { operation, status, isPage }: RefusedRequest): string => {
  const words = isPage ? undefined : statusMessages?.[status];
  if (words) return `${source}: the vendor ${words} (HTTP ${status}, ${operation}).`;
  const credentials = status === 401 || status === 403;
  const how = `${credentials ? 'refused' : 'answered'} with ${isPage ? 'a web page, ' : ''}HTTP ${status}`;
  return `${source}: ${operation} was ${how}; check the source's ${credentials ? 'credentials' : 'address and settings'}.`;
};

export const createJsonAnswers = (
  options: StatusOptions,
  notes: Pick<HealthNotes, 'note'>,
  request: VendorApi['request'],
): Pick<VendorApi, 'statusError' | 'answer'> => {
  const { source } = options;
  const answers = new Map<string, { digest: string; schema: unknown; value: unknown }>();

  /** Makes the error of a status outside 2xx. */
  const statusError: VendorApi['statusError'] = (jsonRequest, status, isPage = false) => {
    const message = statusMessage(options, { operation: jsonRequest.operation, status, isPage });
    notes.note(message, aboutOf(jsonRequest));
    return new ExpectedError(status === 404 && !isPage ? 'NOT_FOUND' : 'VENDOR_REJECTED', message, { vendorCode: String(status) });
  };

  /** Reads an answer through its schema, and whether it has the bytes of the one before. */
  const readAnswer = <T>(
    schema: z.ZodType<T>,
    jsonRequest: JsonRequest,
    { text, digest }: { text: string; digest: string },
  ): Pick<JsonAnswer<T>, 'value' | 'unchanged'> => {
    const read = () => readJson(schema, text, source, jsonRequest.operation);
    if (kindOf(jsonRequest) !== 'read') return { value: read(), unchanged: false };
    const key = requestKey(jsonRequest);
    const known = answers.get(key);
    const unchanged = known !== undefined && known.digest === digest && known.schema === schema;
    const value = unchanged ? (known.value as T) : read();
    answers.delete(key);
    answers.set(key, { digest, schema, value });
    for (const oldest of answers.keys()) if (answers.size > maxAnswers) answers.delete(oldest);
    return { value, unchanged };
  };

  const answer = async <T>(schema: z.ZodType<T>, jsonRequest: JsonRequest): Promise<JsonAnswer<T>> => {
    const response = await request({ ...jsonRequest, headers: { accept: 'application/json', ...jsonRequest.headers } });
    const { status, headers, text } = response;
    try {
      const isAbsent = saysAbsent(jsonRequest, response);
      const isRefused = status < 200 || status >= 300;
      const isPage = isRefused && isWebPage(headers, text);
      if (isRefused && (!isAbsent || isPage)) throw statusError(jsonRequest, status, isPage);
      const digest = `${status} ${response.digest()}`;
      const read = readAnswer(schema, jsonRequest, { text: isAbsent ? 'null' : text, digest });
      notes.note(null, aboutOf(jsonRequest));
      return { ...read, status, headers, digest };
    } catch (error) {
      if (error instanceof ExpectedError) notes.note(error.message, aboutOf(jsonRequest));
      throw error;
    }
  };

  return { statusError, answer };
};
