import type * as z from 'zod';
import { ExpectedError, type ProblemCode, pause, readJson, type VendorApi, type VendorContext } from '../kit/index.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { PullingSettings } from './settings.ts';
import { tc3Authorization } from './sign.ts';
import { envelope } from './wire.ts';

const contentType = 'application/json';
const throttled = 'RequestLimitExceeded';

/** The meanings of rejections, by the longest prefix of the code; the vendor may add words behind the dots. */
const rejections = new Map<string, { code: ProblemCode; says: string }>(
  Object.entries({
    AuthFailure: { code: 'VENDOR_REJECTED', says: 'refused the credentials; check api.secretId and api.secretKey' },
    'AuthFailure.SignatureExpire': {
      code: 'VENDOR_REJECTED',
      says: 'refused the time of the signature; correct the clock of this machine, which may differ by at most five minutes',
    },
    'AuthFailure.UnauthorizedOperation': { code: 'VENDOR_REJECTED', says: 'does not permit this action for the key; grant it' },
    UnauthorizedOperation: { code: 'VENDOR_REJECTED', says: 'does not permit this action for the key; grant it' },
    [throttled]: { code: 'VENDOR_UNAVAILABLE', says: 'limits the rate of requests' },
    LimitExceeded: { code: 'VENDOR_REJECTED', says: 'says that a limit of the account is reached' },
    InternalError: { code: 'VENDOR_UNAVAILABLE', says: 'has an internal error' },
    ResourceUnavailable: { code: 'VENDOR_UNAVAILABLE', says: 'is not available now' },
    ResourceNotFound: { code: 'NOT_FOUND', says: 'does not know it' },
    'InvalidParameter.InstanceNotExist': { code: 'VENDOR_REJECTED', says: 'knows no such application; check sdkAppId' },
    'InvalidParameterValue.InstanceNotExist': { code: 'VENDOR_REJECTED', says: 'knows no such application; check sdkAppId' },
    'InvalidParameterValue.RecordNotExist': { code: 'NOT_FOUND', says: 'knows no such record' },
    'InvalidParameterValue.AccountNotExist': { code: 'NOT_FOUND', says: 'knows no such agent' },
  }),
);

const rejectionOf = (vendorCode: string): { code: ProblemCode; says: string } => {
  for (let prefix = vendorCode; prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))) {
    const rejection = rejections.get(prefix);
    if (rejection) return rejection;
  }
  return { code: 'VENDOR_REJECTED', says: 'refused the request' };
};

interface ApiCall {
  action: string;
  /** SdkAppId is added to them. */
  parameters?: Readonly<Record<string, unknown>>;
  signal?: AbortSignal | undefined;
}

export interface TencentApi {
  /** Reads the answer through the schema; throws `ExpectedError` for a rejection, which the vendor sends with HTTP 200 too. */
  call<T>(schema: z.ZodType<T>, call: ApiCall): Promise<T>;
  /** A time of this server's clock in the vendor's whole seconds. */
  vendorSeconds(ourMs: number, round: (value: number) => number): number;
}

interface ApiConnection {
  settings: PullingSettings;
  context: VendorContext;
  client: VendorApi;
  host: string;
  /** Waits until the action's rate allows a request. */
  takeTurn(action: string, signal?: AbortSignal): Promise<void>;
}

interface SignedRequest {
  action: string;
  body: string;
  signal: AbortSignal | undefined;
}

const vendorSeconds = ({ client }: ApiConnection, ourMs: number, round: (value: number) => number): number =>
  round(client.clock.toVendors(ourMs) / 1000);

const headersOf = (connection: ApiConnection, { action, body }: SignedRequest): Record<string, string> => {
  const { settings, context, host } = connection;
  const { api } = settings;
  const epochSeconds = vendorSeconds(connection, context.clock.now(), Math.floor);
  return {
    host,
    'content-type': contentType,
    'x-tc-action': action,
    'x-tc-version': '2020-02-10',
    'x-tc-timestamp': String(epochSeconds),
    ...(api.region === undefined ? {} : { 'x-tc-region': api.region }),
    authorization: tc3Authorization({ ...api, service: 'ccc', host, contentType, body, epochSeconds }),
  };
};

const send = async (connection: ApiConnection, request: SignedRequest): Promise<Record<string, unknown>> => {
  const { settings, client, takeTurn } = connection;
  const { action, body, signal } = request;
  await takeTurn(action, signal);
  signal?.throwIfAborted();
  const headers = headersOf(connection, request);
  const response = await client.request({ operation: action, method: 'POST', path: '/', headers, body, kind: 'read', signal });
  if (response.status !== 200) {
    throw new ExpectedError(
      'VENDOR_UNAVAILABLE',
      `${settings.name}: ${action} was answered with HTTP ${response.status}; check that api.endpoint is the contact center's API.`,
      { vendorCode: String(response.status) },
    );
  }
  const { Response: answer } = readJson(envelope, response.text, settings.name, action);
  if (!answer.Error) return answer;
  const { code, says } = rejectionOf(answer.Error.Code);
  throw new ExpectedError(code, `${settings.name}: the vendor ${says} (${action}).`, {
    vendorCode: answer.Error.Code,
    retryAfterSeconds: code === 'VENDOR_UNAVAILABLE' ? 1 : null,
  });
};

/** Everything that is called reads, so a throttled call may simply be made again. */
const sendWithinRate = async (connection: ApiConnection, request: SignedRequest): Promise<Record<string, unknown>> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(connection, request);
    } catch (error) {
      if (!(error instanceof ExpectedError) || error.vendorCode !== throttled || attempt === 3) throw error;
      await pause(connection.context.clock, attempt * 1000, request.signal);
    }
  }
};

const callApi = async <T>(connection: ApiConnection, schema: z.ZodType<T>, { action, parameters, signal }: ApiCall): Promise<T> => {
  const { settings, client } = connection;
  try {
    const body = JSON.stringify({ SdkAppId: settings.sdkAppId, ...parameters });
    const read = schema.safeParse(await sendWithinRate(connection, { action, body, signal }));
    if (!read.success) {
      const where = read.error.issues[0]?.path.join('.') || 'its root';
      throw new ExpectedError(
        'VENDOR_UNAVAILABLE',
        `${settings.name}: the answer to ${action} is not of the documented shape (at ${where}).`,
        { cause: read.error },
      );
    }
    client.noteProblem(null);
    return read.data;
  } catch (error) {
    // A request that was not sent is no new failure: the client's own health has the cause, such as the failures that opened the circuit.
    if (error instanceof ExpectedError && error.code !== 'NOT_FOUND') client.noteProblem(error.notSent ? null : error.message);
    throw error;
  }
};

export const createTencentApi = (settings: PullingSettings, context: VendorContext, client: VendorApi): TencentApi => {
  const host = new URL(settings.api.endpoint).host;
  const connection: ApiConnection = { settings, context, client, host, takeTurn: createRateLimiter(context.clock, context.state) };
  return {
    vendorSeconds: (ourMs, round) => vendorSeconds(connection, ourMs, round),
    call: (schema, call) => callApi(connection, schema, call),
  };
};
