/** Why there is no audio, as HTTP says it. */
import type { ProblemCode } from '../../domain/model/enums.ts';
import type { ExpectedError } from '../../domain/model/errors.ts';
import { HttpError } from '../http-error.ts';

const statuses: Partial<Record<ProblemCode, number>> = { NOT_FOUND: 404, UNSUPPORTED: 404, FORBIDDEN: 403, VENDOR_TIMEOUT: 504 };

export const deleted = () => new HttpError(410, 'EXPIRED', 'The vendor has deleted the recording.');
export const withoutFile = () => new HttpError(404, 'NOT_FOUND', 'The recording has no file.');

export const httpErrorOf = ({ code, message, retryAfterSeconds }: ExpectedError): HttpError =>
  new HttpError(
    statuses[code] ?? 502,
    code,
    message,
    retryAfterSeconds === null ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) },
  );
