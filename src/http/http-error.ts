/** Thrown for a request that is refused before GraphQL sees it. The message is for the client and holds no secret. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const unauthenticated = (message: string): HttpError =>
  new HttpError(401, 'UNAUTHENTICATED', message, { 'www-authenticate': 'Bearer' });

const endedChallenge = 'Bearer error="invalid_token", error_description="expired"';

/** Of a credential that was good once, so that a client gets itself a new one. */
export const credentialEnded = (message: string): HttpError =>
  new HttpError(401, 'UNAUTHENTICATED', message, { 'www-authenticate': endedChallenge });

export const isCredentialEnded = ({ headers }: HttpError): boolean => headers['www-authenticate'] === endedChallenge;
