/** The gateway's HTTP: paths, headers, the envelope, and the GUID and cookies that every answer may bring. */
import * as z from 'zod';
import {
  apiOptions,
  type CallContext,
  createVendorApi,
  ExpectedError,
  parseJson,
  readJson,
  type SourceHealth,
  type VendorClock,
  type VendorRequest,
  type VendorStream,
  withoutEnding,
} from '../kit/index.ts';
import { type Credentials, headersOf, type Renewal, renewalOf } from './credentials.ts';
import { gatewayError, isAnswerLost, isVendorFailure, missingRight, notFoundBefore } from './errors.ts';
import { createSessionSigns, type SessionSigns } from './session-signs.ts';
import type { HuaweiSettings } from './settings.ts';
import { type Envelope, envelope, gatewayEvent } from './wire.ts';

export interface GatewayRequest extends Omit<VendorRequest, 'headers' | 'body'> {
  /** The agent that it is about, for messages. */
  agent: string;
  body?: Readonly<Record<string, unknown>> | undefined;
  /** Absent for a sign-in. */
  credentials?: Credentials;
  /** Called with what the answer's headers renew, before the answer is judged. */
  renewed?: (renewal: Renewal) => Promise<void> | void;
  /** An answer without a body is a success without data: the answer to a poll without events is not documented. */
  emptyIsNothing?: boolean;
}

export interface Gateway {
  /** Answers the envelope of a success; throws what a `retcode` other than "0" means. */
  send(request: GatewayRequest): Promise<Envelope>;
  stream(request: GatewayRequest): Promise<VendorStream>;
  clock: VendorClock;
  health(): SourceHealth;
  signs: SessionSigns;
  noteProblem(message: string | null, about?: string): void;
  /** The error of an interface that the gateway refuses to a session which is good for others; health shows it until that interface works. */
  refusesRight(operation: string, agent: string): ExpectedError;
  /** Clears what `refusesRight` noted. */
  works(operation: string, agent: string): void;
  close(): Promise<void>;
}

const watchOperations: ReadonlySet<string> = new Set(['getAgentEvent', 'handShake']);

/** Some pages show an event without its envelope. */
const answerShape: z.ZodType<Envelope> = z.union([envelope, gatewayEvent.transform((event) => ({ retcode: '0', event }))]);

/** Returns true if the gateway answered, and not a proxy before it (`{"status":404,"error":"Not Found"}`). */
const isEnvelope = (text: string): boolean => {
  try {
    return envelope.safeParse(parseJson(text)).success;
  } catch {
    return false;
  }
};

/** Reads the `result` of an answer; one of another shape is VENDOR_UNAVAILABLE. */
export const readResult = <T>(schema: z.ZodType<T>, result: unknown, source: string, operation: string): T => {
  const read = schema.safeParse(result);
  if (read.success) return read.data;
  throw new ExpectedError('VENDOR_UNAVAILABLE', `${source}: the result of ${operation} is not of the documented shape.`, {
    cause: read.error,
  });
};

const resourcePath = '/agentgateway/resource';

export const createGateway = (settings: HuaweiSettings, context: CallContext): Gateway => {
  const base = withoutEnding(settings.baseUrl, '/').replace(/\/agentgateway(\/resource)?$/, '');
  const client = createVendorApi(
    {
      ...apiOptions(settings),
      baseUrl: `${base}${resourcePath}`,
      caFile: settings.caFile,
      tlsServerName: settings.tlsServerName,
      tlsFingerprint: settings.tlsFingerprint,
    },
    context,
  );

  const subject = (request: GatewayRequest) => `${settings.name}: ${request.operation} of agent ${request.agent}`;

  const signs = createSessionSigns(context.clock);
  const vendorRequest = (request: GatewayRequest): VendorRequest => {
    const { agent: _agent, body, credentials, renewed: _renewed, emptyIsNothing: _emptyIsNothing, ...rest } = request;
    return {
      ...rest,
      headers: headersOf(credentials),
      body: body && JSON.stringify(body),
      failsAlone: () => signs.isWellForOthers(request.agent),
    };
  };

  /** An answer that cannot be read is held against the source's health until one that can. */
  const readAnswer = (text: string, operation: string): Envelope => {
    try {
      const answer = readJson(answerShape, { text, source: settings.name, operation });
      client.noteProblem(null, 'answers');
      return answer;
    } catch (error) {
      if (error instanceof ExpectedError) client.noteProblem(error.message, 'answers');
      throw error;
    }
  };

  /** An error status of HTTP is reported until the gateway accepts the agent's session on any interface. */
  const requestsOf = (agent: string) => `requests of agent ${agent}`;
  const sessionOf = (agent: string) => `session of agent ${agent}`;
  const rightOf = (operation: string, agent: string) => `${operation} of agent ${agent}`;

  const works = (operation: string, agent: string) => client.noteProblem(null, rightOf(operation, agent));
  const passed = (request: GatewayRequest) => {
    const { agent, credentials, operation } = request;
    works(operation, agent);
    client.noteProblem(null, sessionOf(agent));
    client.noteProblem(null, requestsOf(agent));
    const passedMs = context.clock.monotonicMs();
    if (credentials !== undefined) signs.note(agent, { passedMs });
    if (watchOperations.has(operation)) signs.note(agent, { watchPassedMs: passedMs });
  };

  const send: Gateway['send'] = async (request) => {
    const response = await client.request(vendorRequest(request)).catch((error: unknown) => {
      if (isAnswerLost(error)) signs.note(request.agent, { lostMs: context.clock.monotonicMs() });
      throw error;
    });
    await request.renewed?.(renewalOf(response.headers));
    if (request.emptyIsNothing && response.status < 300 && response.text.trim() === '') {
      passed(request);
      return { retcode: '0' };
    }
    const enveloped = response.status < 300 ? /^\s*\{/.test(response.text) : isEnvelope(response.text);
    if (!enveloped && response.status === 404) throw notFoundBefore(subject(request));
    if (!enveloped && (response.status === 401 || response.status === 403)) {
      const refused = gatewayError(subject(request), '000-003');
      client.noteProblem(`${refused.message} The gateway answered with HTTP ${response.status}.`, sessionOf(request.agent));
      throw refused;
    }
    if (!enveloped && response.status >= 300) {
      throw new ExpectedError('VENDOR_UNAVAILABLE', `${subject(request)} was answered with HTTP ${response.status}.`, {
        vendorCode: String(response.status),
      });
    }
    const answer = readAnswer(response.text, request.operation);
    if (answer.retcode !== '0') throw gatewayError(subject(request), answer.retcode);
    passed(request);
    return answer;
  };

  return {
    send: (request) =>
      send(request).catch((error: unknown) => {
        if (watchOperations.has(request.operation)) signs.note(request.agent, { watchPassedMs: undefined });
        if (isVendorFailure(error))
          client.noteProblem(`${error.message.replace(/\.$/, '')} (agent ${request.agent}).`, requestsOf(request.agent));
        throw error;
      }),
    stream: async (request) => {
      const answer = await client.stream({ ...vendorRequest(request), acceptServerErrors: true });
      await request.renewed?.(renewalOf(answer.headers));
      return answer;
    },
    signs,
    clock: client.clock,
    health: client.health,
    noteProblem: client.noteProblem,
    works,
    refusesRight: (operation, agent) => {
      const error = missingRight(`${settings.name}: ${operation} of agent ${agent}`);
      client.noteProblem(error.message, rightOf(operation, agent));
      return error;
    },
    close: client.close,
  };
};
