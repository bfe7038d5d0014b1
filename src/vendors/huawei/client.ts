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
  type VendorApi,
  type VendorClock,
  type VendorRequest,
  type VendorResponse,
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
export const readResult = <T>(schema: z.ZodType<T>, result: unknown, { source, operation }: { source: string; operation: string }): T => {
  const read = schema.safeParse(result);
  if (read.success) return read.data;
  throw new ExpectedError('VENDOR_UNAVAILABLE', `${source}: the result of ${operation} is not of the documented shape.`, {
    cause: read.error,
  });
};

const resourcePath = '/agentgateway/resource';

interface GatewayContext {
  settings: HuaweiSettings;
  clock: CallContext['clock'];
  client: VendorApi;
  signs: SessionSigns;
}

const subjectOf = ({ settings }: GatewayContext, { operation, agent }: GatewayRequest) =>
  `${settings.name}: ${operation} of agent ${agent}`;

/** An error status of HTTP is reported until the gateway accepts the agent's session on any interface. */
const requestsOf = (agent: string) => `requests of agent ${agent}`;
const sessionOf = (agent: string) => `session of agent ${agent}`;
const rightOf = (operation: string, agent: string) => `${operation} of agent ${agent}`;

const vendorRequest = ({ signs }: GatewayContext, request: GatewayRequest): VendorRequest => {
  const { agent, body, credentials, renewed: _renewed, emptyIsNothing: _emptyIsNothing, ...rest } = request;
  return {
    ...rest,
    headers: headersOf(credentials),
    body: body && JSON.stringify(body),
    failsAlone: () => signs.isWellForOthers(agent),
  };
};

/** An answer that cannot be read is held against the source's health until one that can. */
const readAnswer = ({ settings, client }: GatewayContext, text: string, operation: string): Envelope =>
  client.checked(() => readJson(answerShape, text, settings.name, operation), 'answers');

const notePassed = ({ client, signs, clock }: GatewayContext, { agent, credentials, operation }: GatewayRequest): void => {
  client.noteProblem(null, rightOf(operation, agent));
  client.noteProblem(null, sessionOf(agent));
  client.noteProblem(null, requestsOf(agent));
  const passedMs = clock.monotonicMs();
  if (credentials !== undefined) signs.note(agent, { passedMs });
  if (watchOperations.has(operation)) signs.note(agent, { watchPassedMs: passedMs });
};

/** Throws what a status means where the answer is not the gateway's. */
const refuseOthersAnswer = (gateway: GatewayContext, request: GatewayRequest, { status, text }: VendorResponse): void => {
  const isGateways = status < 300 ? /^\s*\{/.test(text) : isEnvelope(text);
  if (isGateways) return;
  const subject = subjectOf(gateway, request);
  if (status === 404) throw notFoundBefore(subject);
  if (status === 401 || status === 403) {
    const refused = gatewayError(subject, '000-003');
    gateway.client.noteProblem(`${refused.message} The gateway answered with HTTP ${status}.`, sessionOf(request.agent));
    throw refused;
  }
  if (status >= 300) {
    throw new ExpectedError('VENDOR_UNAVAILABLE', `${subject} was answered with HTTP ${status}.`, { vendorCode: String(status) });
  }
};

const exchange = async (gateway: GatewayContext, request: GatewayRequest): Promise<Envelope> => {
  const { client, signs, clock } = gateway;
  const response = await client.request(vendorRequest(gateway, request)).catch((error: unknown) => {
    if (isAnswerLost(error)) signs.note(request.agent, { lostMs: clock.monotonicMs() });
    throw error;
  });
  await request.renewed?.(renewalOf(response.headers));
  if (request.emptyIsNothing && response.status < 300 && response.text.trim() === '') {
    notePassed(gateway, request);
    return { retcode: '0' };
  }
  refuseOthersAnswer(gateway, request, response);
  const answer = readAnswer(gateway, response.text, request.operation);
  if (answer.retcode !== '0') throw gatewayError(subjectOf(gateway, request), answer.retcode);
  notePassed(gateway, request);
  return answer;
};

const send = async (gateway: GatewayContext, request: GatewayRequest): Promise<Envelope> => {
  const { client, signs } = gateway;
  const { agent, operation } = request;
  try {
    return await exchange(gateway, request);
  } catch (error) {
    if (watchOperations.has(operation)) signs.note(agent, { watchPassedMs: undefined });
    if (isVendorFailure(error)) client.noteProblem(`${error.message.replace(/\.$/, '')} (agent ${agent}).`, requestsOf(agent));
    throw error;
  }
};

const stream = async (gateway: GatewayContext, request: GatewayRequest): Promise<VendorStream> => {
  const answer = await gateway.client.stream({ ...vendorRequest(gateway, request), acceptServerErrors: true });
  await request.renewed?.(renewalOf(answer.headers));
  return answer;
};

const apiOf = (settings: HuaweiSettings, context: CallContext): VendorApi => {
  const base = withoutEnding(settings.baseUrl, '/').replace(/\/agentgateway(\/resource)?$/, '');
  const { caFile, tlsServerName, tlsFingerprint } = settings;
  return createVendorApi({ ...apiOptions(settings), baseUrl: `${base}${resourcePath}`, caFile, tlsServerName, tlsFingerprint }, context);
};

export const createGateway = (settings: HuaweiSettings, context: CallContext): Gateway => {
  const client = apiOf(settings, context);
  const signs = createSessionSigns(context.clock);
  const gateway: GatewayContext = { settings, clock: context.clock, client, signs };
  return {
    send: (request) => send(gateway, request),
    stream: (request) => stream(gateway, request),
    signs,
    clock: client.clock,
    health: client.health,
    noteProblem: client.noteProblem,
    works: (operation, agent) => client.noteProblem(null, rightOf(operation, agent)),
    refusesRight: (operation, agent) => {
      const error = missingRight(`${settings.name}: ${operation} of agent ${agent}`);
      client.noteProblem(error.message, rightOf(operation, agent));
      return error;
    },
    close: client.close,
  };
};
