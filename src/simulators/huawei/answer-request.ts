/** Answers one request as the gateway does: looks up its path, checks headers, admits GUIDs, holds polls, misbehaves on request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pollBody } from './api.ts';
import type { Arrivals } from './arrivals.ts';
import { type Fault, type Faults, misbehave } from './faults.ts';
import type { Route, RouteAnswer, RouteRequest, SimulatedGateway } from './route.ts';

export interface SeenRequest {
  operation: string;
  workNo: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** The gateway's HTTP side. */
export interface GatewayHttp extends SimulatedGateway {
  routes: readonly Route[];
  faults: Faults;
  arrivals: Arrivals;
  /** Requests by operation. */
  counts: Map<string, number>;
  /** Requests of known operations, oldest first. */
  requests: SeenRequest[];
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  body: string;
}

interface SeenExchange extends Exchange {
  url: URL;
}

const maxRequests = 20_000;
const fileChunkBytes = 65_536;
const jsonType = 'application/json;charset=UTF-8';

const headersOf = ({ clock, switches }: GatewayHttp, guid: string | null | undefined): Record<string, string> => {
  const headers: Record<string, string> = { Date: new Date(clock.now()).toUTCString() };
  if (guid) headers['Set-GUID'] = `JSESSIONID=${guid}`;
  if (guid && switches.cookies) headers['Set-Cookie'] = `SERVERID=node1; Path=/; HttpOnly`;
  return headers;
};

const reply = (http: GatewayHttp, response: ServerResponse, { guid, file, retcode = '0', message = '', result }: RouteAnswer): void => {
  const headers = headersOf(http, guid);
  if (file) {
    response.writeHead(200, { ...headers, 'Content-Type': 'application/octet-stream;charset=utf-8' });
    for (let start = 0; start < file.length; start += fileChunkBytes) response.write(file.subarray(start, start + fileChunkBytes));
    response.end();
    return;
  }
  response.writeHead(retcode === '0' ? 200 : http.switches.errorStatus, { ...headers, 'Content-Type': jsonType });
  response.end(JSON.stringify({ message, retcode, result }));
};

const fail = (http: GatewayHttp, response: ServerResponse, fault: Fault): void =>
  typeof fault === 'object' && 'retcode' in fault
    ? reply(http, response, { retcode: fault.retcode, message: 'failed', result: '' })
    : misbehave(response, fault);

/** Answers when an event comes, the hold time is over, or the session ends. */
const holdPoll = (http: GatewayHttp, { request, response }: Exchange, workNo: string): void => {
  const { sessions, switches, arrivals, clock } = http;
  const cancel = sessions.poll(workNo, (event) => {
    const isLost = !sessions.has(workNo);
    const guid = isLost ? null : sessions.rotate(workNo);
    const headers: Record<string, string> = { Date: new Date(clock.now()).toUTCString() };
    if (guid) headers['Set-GUID'] = `JSESSIONID=${guid}`;
    response.writeHead(200, { ...headers, 'Content-Type': jsonType });
    response.end(JSON.stringify(isLost ? { message: 'not login', retcode: switches.lostCode } : pollBody(event, switches)));
    if (event) arrivals.answered(request.socket, event);
  });
  request.socket.once('close', cancel);
  response.once('finish', () => request.socket.off('close', cancel));
};

interface FoundRoute extends Pick<RouteRequest, 'workNo' | 'parameters'> {
  route: Route;
}

const findRoute = (routes: readonly Route[], method: string | undefined, pathname: string): FoundRoute | null => {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(pathname) : null;
    if (match === null) continue;
    const [workNo = '', ...parameters] = match.slice(1).map(decodeURIComponent);
    return { route, workNo, parameters };
  }
  return null;
};

const note = ({ counts, requests }: GatewayHttp, seen: SeenRequest): void => {
  counts.set(seen.operation, (counts.get(seen.operation) ?? 0) + 1);
  requests.push(seen);
  if (requests.length > maxRequests) requests.splice(0, maxRequests / 2);
};

const isInRange = ([least, most]: readonly [number, number], workNo: string): boolean =>
  /^[1-9]\d*$/.test(workNo) && Number(workNo) >= least && Number(workNo) <= most;

const readBody = (text: string): Record<string, unknown> | null => {
  try {
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  } catch {
    return null;
  }
};

type Outcome = { answer: RouteAnswer } | { fault: Fault };

const outcomeOf = (http: GatewayHttp, { route, ...found }: FoundRoute, { request, url, body }: SeenExchange): Outcome => {
  const { sessions, switches } = http;
  const fault = http.faults.take(route.operation, found.workNo);
  if (fault) return { fault };
  if (!isInRange(switches.idRange, found.workNo)) {
    return switches.outOfRange === '404'
      ? { fault: { status: 404, body: '' } }
      : { answer: { retcode: '000-002', message: 'invalid agentid' } };
  }
  if (!/^application\/json/i.test(request.headers['content-type'] ?? '')) return { fault: { status: 415, body: '' } };
  const guid = request.headers.guid as string | undefined;
  if (!route.open && !sessions.admits(found.workNo, guid)) {
    return { answer: { retcode: switches.lostCode, message: 'no right to invite resource', result: '' } };
  }
  const json = readBody(body);
  if (json === null) return { answer: { retcode: '000-006', message: 'message parameter error' } };
  return { answer: route.handle({ ...found, query: url.searchParams, guid, body: json }) };
};

export const answerRequest = (http: GatewayHttp, exchange: Exchange): void => {
  const { request, response, body } = exchange;
  const url = new URL(request.url ?? '/', 'http://gateway');
  const found = findRoute(http.routes, request.method, url.pathname);
  if (!found) {
    response.writeHead(404, { 'Content-Type': 'text/html' });
    response.end('<html><body>HTTP Status 404</body></html>');
    return;
  }
  const { route, workNo } = found;
  note(http, { operation: route.operation, workNo, url: request.url ?? '', headers: request.headers, body });
  const outcome = outcomeOf(http, found, { ...exchange, url });
  if ('fault' in outcome) fail(http, response, outcome.fault);
  else if (outcome.answer.poll) holdPoll(http, exchange, workNo);
  else reply(http, response, outcome.answer);
};
