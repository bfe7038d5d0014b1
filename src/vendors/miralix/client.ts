import * as z from 'zod';
import {
  type AgentIdentifier,
  createVendorApi,
  ExpectedError,
  readJson,
  type VendorContext,
  type VendorRequest,
  type VendorResponse,
  type VendorStream,
  withoutEnding,
} from '../kit/index.ts';
import { createListReader } from './last-lists.ts';
import { abilities, type MiralixSettings } from './settings.ts';
import * as wire from './wire.ts';

/** How the vendor's paths call the identifiers it finds an agent by. */
export const identificationTypes = { ID: 'id', EMAIL: 'email', SIP_URI: 'sipUri', SYNC_ID: 'syncId' } as const satisfies Partial<
  Record<AgentIdentifier, string>
>;
export type MiralixIdentifier = keyof typeof identificationTypes;

export interface Identification {
  identifier: MiralixIdentifier;
  value: string;
}

/** `unknown`: HTTP 404, which the vendor also gives for an agent who is not logged in. `free`: an empty body. */
export type BusyAnswer = { state: 'busy'; call: wire.BusyCall } | { state: 'free' } | { state: 'unknown' };

const listOf = z.array(z.unknown()).nullable();

/** Speaks the REST API. A 404 is null; 400, 401, 403 and other refusals are VENDOR_REJECTED with the status as code. */
export const createMiralixClient = (settings: MiralixSettings, context: VendorContext) => {
  const client = createVendorApi(
    {
      source: settings.name,
      baseUrl: `${withoutEnding(settings.baseUrl, '/')}/mot/${encodeURIComponent(settings.account)}`,
      timeoutMs: settings.timeoutSeconds * 1000,
      maxConcurrency: settings.maxConcurrency,
      circuit: settings.circuit,
      caFile: settings.caFile,
      maxBodyBytes: 256 * 1024 * 1024,
    },
    context,
  );
  const headers = { 'X-Miralix-Shared-Secret': settings.sharedSecret, accept: 'application/json' };
  const can = abilities(settings.version);

  /** One remark a kind of call: that one call works again does not clear what another still suffers from. */
  const remark = (about: string, message: string | null) => client.noteProblem(message, about);

  const refusals: Readonly<Record<number, string>> = {
    400: 'says that a parameter is invalid (HTTP 400); check the version in its settings',
    401: 'refuses the shared secret (HTTP 401); check sharedSecret against the Office Team profile',
    403: can.licences
      ? 'has no licence for this request (HTTP 403); the shared secret was accepted'
      : 'refuses access (HTTP 403); check sharedSecret against the Office Team profile',
  };
  const ofCallers: ReadonlySet<string> = new Set(['agentLookup', 'busyCall']);
  const refuse = (operation: string, status: number, about = operation): never => {
    const message = `${settings.name}: the vendor ${refusals[status] ?? `answered with an unexpected HTTP ${status}`}, in answer to ${operation}.`;
    // A lookup's invalid parameter is the caller's, such as an id that is no number: no other call suffers from it.
    if (status !== 400 || !ofCallers.has(operation)) remark(about, message);
    throw new ExpectedError('VENDOR_REJECTED', message, { vendorCode: String(status) });
  };

  const admitted = <T extends VendorResponse | VendorStream>(operation: string, response: T, about = operation): T | null => {
    if (response.status === 404) {
      if ('close' in response) response.close();
      return null;
    }
    if (response.status < 200 || response.status >= 300) {
      if ('close' in response) response.close();
      return refuse(operation, response.status, about);
    }
    return response;
  };

  /** Null for 404; the body without a byte order mark. */
  const get = async (
    operation: string,
    path: string,
    signal: AbortSignal,
    timeoutMs?: number,
    about = operation,
  ): Promise<string | null> => {
    const request: VendorRequest = { operation, method: 'GET', path, headers, signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const response = admitted(operation, await client.request(request), about);
    return response === null ? null : response.text.replace(/^\uFEFF/, '').trim();
  };

  const read = <T>(operation: string, text: string, schema: z.ZodType<T>): T => {
    try {
      const value = readJson(schema, text, settings.name, operation);
      remark(operation, null);
      return value;
    } catch (error) {
      if (error instanceof ExpectedError) remark(operation, error.message);
      throw error;
    }
  };

  const readList = createListReader();

  /**
   * An absent or null list is an empty one; an item that cannot be read is kept aside and spoils no other. A list that shows what it
   * showed last is the very same again.
   */
  const list = async <T>(
    operation: string,
    path: string,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    timeoutMs?: number,
    about = operation,
  ): Promise<readonly T[] | null> => {
    const text = await get(operation, path, signal, timeoutMs, about);
    if (text === null) return null;
    const parse = () => (text === '' ? [] : (read(operation, text, listOf) ?? []));
    const items = await readList({ name: path, text, parse, schema }, (item, place) =>
      context.deadLetter({
        kind: operation,
        reason: `An item is not of the documented shape at ${place}.`,
        body: Buffer.from(JSON.stringify(item)),
      }),
    );
    remark(about, null);
    return items;
  };

  const segment = (value: string): string => {
    const encoded = encodeURIComponent(value);
    return settings.encodeIdentification ? encoded : encoded.replaceAll('%3A', ':').replaceAll('%40', '@');
  };
  const identified = (who: Identification): string => `${identificationTypes[who.identifier]}/${segment(who.value)}`;
  const timeoutOfCallersMs = settings.timeoutSeconds * 1000;

  return {
    /** `any` is everyone who is able to log in; the vendor's own default would leave out whoever is off shift. */
    agents: (state: 'any' | 'loggedIn', signal: AbortSignal) => list('agents', `/agents?state=${state}`, wire.overviewAgent, signal),
    queues: (signal: AbortSignal) => list('queues', '/queues', wire.queue, signal),
    queueAgents: (queue: number, signal: AbortSignal) =>
      list('queueAgents', `/queues/${queue}/agents?state=any`, wire.overviewAgent, signal),
    /** Recordings after the call id `after`; versions before 7.0 take no cursor and list everything. */
    agentRecordings: (
      who: Identification,
      after: number,
      signal: AbortSignal,
      timeoutMs = timeoutOfCallersMs,
      operation = 'agentRecordings',
    ) =>
      list(
        operation,
        `/agents/${identified(who)}/recordings${can.agentCursor && after > 0 ? `?fromQueueCallId=${after}` : ''}`,
        wire.queueRecording,
        signal,
        timeoutMs,
      ),
    /** A refusal of one queue is told until that queue is given out. */
    queueRecordings: (queue: number, after: number, signal: AbortSignal, timeoutMs = timeoutOfCallersMs) =>
      list(
        'queueRecordings',
        `/queues/${queue}/calls/recordings?fromQueueCallId=${after}`,
        wire.queueRecording,
        signal,
        timeoutMs,
        `queueRecordings of ${queue}`,
      ),
    /** Recordings of a user's direct calls after the call id `after`, which is of another number space than queue calls'. */
    userRecordings: (who: Identification, after: number, signal: AbortSignal, timeoutMs = timeoutOfCallersMs) =>
      list(
        'userRecordings',
        `/users/${identified(who)}/recordings${after > 0 ? `?fromCallId=${after}` : ''}`,
        wire.userRecording,
        signal,
        timeoutMs,
      ),
    busyCall: async (who: Identification, signal: AbortSignal): Promise<BusyAnswer> => {
      // "No correct data found for the agent" is one of the meanings of its 400: there is no such call.
      const text = await unlessInvalid(get('busyCall', `/agents/${identified(who)}/busycall`, signal), '');
      if (text === null) return { state: 'unknown' };
      if (text === '') {
        remark('busyCall', null);
        return { state: 'free' };
      }
      const call = read('busyCall', text, wire.busyCall.nullable());
      return call === null || !Object.values(call).some((value) => (value ?? null) !== null) ? { state: 'free' } : { state: 'busy', call };
    },
    /** The audio of a queue call; null for 404. The path holds neither the queue nor the file name. */
    download: async (queueCallId: number, signal: AbortSignal): Promise<VendorStream | null> => {
      const path = `/queues/calls/recordings/${queueCallId}`;
      const request: VendorRequest = { operation: 'download', method: 'GET', path, headers: { ...headers, accept: '*/*' }, signal };
      const response = admitted('download', await client.stream(request));
      remark('download', null);
      return response;
    },
    /** How far the server's clock is from ours: its UTC times are corrected by that. */
    clock: client.clock,
    health: client.health,
    close: client.close,
  };
};
export type MiralixClient = ReturnType<typeof createMiralixClient>;

/** The vendor's refusal of this kind of request; a bad secret is not one, since it refuses them all. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ExpectedError && error.code === 'VENDOR_REJECTED' && error.vendorCode !== '401';

/** Null for a refusal of this kind of request. */
export const unlessRefused = async <T>(request: Promise<T>): Promise<T | null> => {
  try {
    return await request;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
};

/** `instead` for HTTP 400, an invalid parameter. */
export const unlessInvalid = async <T>(request: Promise<T>, instead: T): Promise<T> => {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ExpectedError && error.vendorCode === '400') return instead;
    throw error;
  }
};
