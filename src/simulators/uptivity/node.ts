import { createServer, type Server } from 'node:http';
import type { Clock } from '../../domain/ports/clock.ts';
import { readBody } from '../kit/read-body.ts';
import type { ApiRequest } from './api.ts';
import { type Answer, type Faults, isPerformed, writeAnswer, writeSpoilt } from './faults.ts';

export interface SeenRequest {
  method: string;
  /** As sent, with its query. */
  url: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

export interface BasicCredentials {
  username: string;
  password: string;
}

interface NodeOptions {
  clock: Clock;
  /** Comes before `/api`; empty or starting with a slash. */
  pathPrefix: string;
  faults: Faults;
  /** Read anew for each request; null asks for none. */
  credentials: () => BasicCredentials | null;
  /** Called for every request with its route, such as `get /api/agent/getall`. */
  onRequest: (route: string, request: SeenRequest) => void;
  answer: (request: ApiRequest) => Answer;
}

const unauthorized: Answer = { status: 401, headers: { 'www-authenticate': 'Basic realm="RecordingApi"' }, body: '' };

const isAllowed = (header: string | undefined, credentials: BasicCredentials | null): boolean =>
  credentials === null || header === `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;

/** One node of the recorder over HTTP. */
export const createNode = ({ clock, pathPrefix, faults, credentials, onRequest, answer }: NodeOptions): Server =>
  createServer(async (request, response) => {
    const bytes = await readBody(request).catch(() => null);
    if (bytes === null) return;
    const body = bytes.toString('utf8');
    const url = new URL(request.url ?? '/', 'http://recorder');
    const method = request.method ?? 'GET';
    const full = url.pathname.toLowerCase();
    const path = full.startsWith(`${pathPrefix.toLowerCase()}/`) ? full.slice(pathPrefix.length) : '';
    const route = `${method.toLowerCase()} ${path}`;
    onRequest(route, { method, url: request.url ?? '/', headers: request.headers, body });
    const fault = faults.take(route);
    const allowed = isAllowed(request.headers.authorization, credentials());
    const outcome = !allowed
      ? unauthorized
      : isPerformed(fault)
        ? answer({ method, path, query: url.searchParams, body })
        : { status: 200, headers: {}, body: '' };
    response.setHeader('date', new Date(clock.now()).toUTCString());
    if (fault) writeSpoilt(response, outcome, { fault, clock });
    else writeAnswer(response, outcome);
  });
