import { hash } from 'node:crypto';
import { Agent as ConnectionPool } from 'undici';
import { ExpectedError } from '../../domain/model/errors.ts';
import { createCircuit } from './circuit.ts';
import { createVendorClock } from './clock-difference.ts';
import { connectorOf } from './connector.ts';
import type { Deadline } from './deadline.ts';
import { decompressed } from './decompress.ts';
import { type ApiContext, exchange, readWhole, type VendorCall } from './exchange.ts';
import { createHealthNotes } from './health.ts';
import { decodeText } from './json.ts';
import { createJsonAnswers } from './json-answers.ts';
import { createOutageWatch } from './outage.ts';
import { createRetryBudget } from './retry.ts';
import { runCall } from './run-call.ts';
import { timedBody } from './timed-body.ts';
import { failureOf } from './vendor-errors.ts';
import {
  aboutOf,
  type CallContext,
  kindOf,
  type VendorApi,
  type VendorApiOptions,
  type VendorResponse,
  type VendorStream,
} from './vendor-request.ts';

const createApiContext = (options: VendorApiOptions, context: ApiContext['context']): ApiContext => {
  const base = new URL(options.baseUrl);
  const outages = createOutageWatch(context.clock, context.outageEnded);
  const onFailed = (host: string, beganMs: number) => {
    if (host === base.host) outages.unreached(beganMs);
  };
  return {
    options: { ...options, maxBodyBytes: options.maxBodyBytes ?? 16 * 1024 * 1024 },
    context,
    base,
    pool: new ConnectionPool({
      connections: null,
      keepAliveTimeout: 20_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connectorOf(options, context.clock, onFailed),
    }),
    circuit: createCircuit(options.maxConcurrency, options.circuit),
    budget: createRetryBudget(),
    notes: createHealthNotes(options.source, context.clock),
    clock: createVendorClock(context.clock),
    outages,
  };
};

const sendRequest = (call: VendorCall): Promise<VendorResponse> =>
  runCall(call, kindOf(call.request) === 'read' ? aboutOf(call.request) : undefined, async (deadline) => {
    const { statusCode: status, headers, body } = await exchange(call, deadline.signal);
    const bytes = await readWhole(call, decompressed(body, headers, call.options.maxBodyBytes));
    deadline.done();
    const text = decodeText(bytes, String(headers['content-type'] ?? ''));
    return { status, headers, text, digest: () => hash('sha256', bytes, 'base64') };
  });

const openStream = (call: VendorCall): Promise<VendorStream> => {
  const failedIn = (deadline: Deadline) => (caught: unknown) => {
    const error = failureOf(call, deadline, caught);
    if (error instanceof ExpectedError) call.notes.outcome(error.message);
    return error;
  };
  return runCall(call, undefined, async (deadline) => {
    const { statusCode: status, headers, body } = await exchange(call, deadline.signal);
    return {
      status,
      headers,
      body: timedBody(decompressed(body, headers, null), deadline, failedIn(deadline)),
      close: () => {
        deadline.done();
        body.destroy();
      },
    };
  });
};

/** One source's HTTP: pooled keep-alive connections, a deadline a call, a bulkhead, a circuit breaker, retry by kind, and honest health. */
export const createVendorApi = (options: VendorApiOptions, context: CallContext): VendorApi => {
  const api = createApiContext(options, context);
  const { notes, clock, circuit, pool } = api;
  const request: VendorApi['request'] = (vendorRequest) => sendRequest({ ...api, request: vendorRequest });
  const noteProblem: VendorApi['noteProblem'] = (message, about = '') => notes.note(message, about);
  const { statusError, answer } = createJsonAnswers(options, notes, request);
  return {
    statusError,
    json: async (schema, jsonRequest) => (await answer(schema, jsonRequest)).value,
    answer,
    request,
    stream: (vendorRequest) => openStream({ ...api, request: vendorRequest }),
    clock,
    health: () => notes.health(circuit.state, clock.differenceMs()),
    noteProblem,
    checked: (read, about) => {
      try {
        const value = read();
        noteProblem(null, about);
        return value;
      } catch (error) {
        if (error instanceof ExpectedError) noteProblem(error.message, about);
        throw error;
      }
    },
    close: () => pool.destroy(),
  };
};
