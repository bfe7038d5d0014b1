/** The gateway's HTTP(S) side: checks headers, admits GUIDs, holds polls, misbehaves on request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Clock } from '../../domain/ports/clock.ts';
import { listen, shut } from '../kit/listen.ts';
import { createRoutes, pollBody } from './api.ts';
import { createArrivals } from './arrivals.ts';
import { type ContactCenter, createContactCenter } from './contact-center.ts';
import { createFaults, type Fault, type Faults, misbehave } from './faults.ts';
import type { RouteAnswer } from './route.ts';
import { createGatewaySessions, type GatewaySessions } from './sessions.ts';
import { type HuaweiSwitches, usualSwitches } from './switches.ts';

interface HuaweiSimulatorOptions {
  clock: Clock;
  switches?: Partial<HuaweiSwitches>;
  /** PEM; with it the gateway speaks https. */
  tls?: { key: string; cert: string };
  port?: number | undefined;
}

interface SeenRequest {
  operation: string;
  workNo: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface HuaweiSimulator extends Pick<Faults, 'failNext' | 'failNoMore'> {
  url: string;
  contactCenter: ContactCenter;
  sessions: GatewaySessions;
  switches: HuaweiSwitches;
  /** Requests of known operations, oldest first; the last 20,000. */
  requests: SeenRequest[];
  calls(operation: string): number;
  /** Requests that are neither answered nor held polls. */
  busy(): number;
  /** Ends an agent's session as the gateway does for silence. */
  kick(workNo: string): void;
  /** Cuts every connection and forgets every session; calls and recordings go on. */
  restart(): void;
  close(): Promise<void>;
}

const maxRequests = 20_000;

export const startHuaweiSimulator = async (options: HuaweiSimulatorOptions): Promise<HuaweiSimulator> => {
  const switches: HuaweiSwitches = { ...usualSwitches, ...options.switches };
  const { clock } = options;
  const counts = new Map<string, number>();
  const faults = createFaults();
  const requests: SeenRequest[] = [];
  const deliveries = new Map<string, Promise<unknown>>();
  let busy = 0;

  const sessions = createGatewaySessions(clock, switches, ({ uri, token }, guid, workNo, eventList) => {
    const before = deliveries.get(workNo) ?? Promise.resolve();
    const headers = { 'content-type': 'application/json; charset=UTF-8', guid, service_token: token };
    // At most once: what the callback does not take is gone.
    const sent = before
      .then(() => fetch(uri, { method: 'POST', headers, body: JSON.stringify({ workNo, eventList }) }).then((answer) => answer.text()))
      .catch(() => undefined);
    deliveries.set(workNo, sent);
  });
  const arrivals = createArrivals(sessions.lose);
  const contactCenter = createContactCenter(clock, switches, sessions.emit);
  const routes = createRoutes({ contactCenter, sessions, switches, clock });

  const dateHeader = () => ({ Date: new Date(clock.now()).toUTCString() });

  const reply = (response: ServerResponse, answer: RouteAnswer) => {
    const headers: Record<string, string> = dateHeader();
    if (answer.guid) headers['Set-GUID'] = `JSESSIONID=${answer.guid}`;
    if (answer.guid && switches.cookies) headers['Set-Cookie'] = `SERVERID=node1; Path=/; HttpOnly`;
    if (answer.file) {
      response.writeHead(200, { ...headers, 'Content-Type': 'application/octet-stream;charset=utf-8' });
      for (let start = 0; start < answer.file.length; start += 65_536) response.write(answer.file.subarray(start, start + 65_536));
      response.end();
      return;
    }
    const { retcode = '0', message = '', result } = answer;
    response.writeHead(retcode === '0' ? 200 : switches.errorStatus, { ...headers, 'Content-Type': 'application/json;charset=UTF-8' });
    response.end(JSON.stringify({ message, retcode, ...(result === undefined ? {} : { result }) }));
  };

  const fail = (response: ServerResponse, fault: Fault) =>
    typeof fault === 'object' && 'retcode' in fault
      ? reply(response, { retcode: fault.retcode, message: 'failed', result: '' })
      : misbehave(response, fault);

  const hold = (workNo: string, request: IncomingMessage, response: ServerResponse) => {
    const cancel = sessions.poll(workNo, (event) => {
      const guid = sessions.has(workNo) ? sessions.rotate(workNo) : null;
      const headers: Record<string, string> = { ...dateHeader(), ...(guid ? { 'Set-GUID': `JSESSIONID=${guid}` } : {}) };
      const lost = !sessions.has(workNo);
      response.writeHead(200, { ...headers, 'Content-Type': 'application/json;charset=UTF-8' });
      response.end(JSON.stringify(lost ? { message: 'not login', retcode: switches.lostCode } : pollBody(event, switches)));
      if (event) arrivals.answered(request.socket, event);
    });
    request.socket.once('close', cancel);
    response.once('finish', () => request.socket.off('close', cancel));
  };

  const answer = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const url = new URL(request.url ?? '/', 'http://gateway');
    const found = routes.flatMap((route) => {
      const match = route.method === request.method ? route.path.exec(url.pathname) : null;
      return match ? [{ route, match }] : [];
    })[0];
    if (!found) {
      response.writeHead(404, { 'Content-Type': 'text/html' });
      response.end('<html><body>HTTP Status 404</body></html>');
      return;
    }
    const { route, match } = found;
    const [workNo = '', ...parameters] = match.slice(1).map(decodeURIComponent);
    counts.set(route.operation, (counts.get(route.operation) ?? 0) + 1);
    requests.push({ operation: route.operation, workNo, url: request.url ?? '', headers: request.headers, body });
    if (requests.length > maxRequests) requests.splice(0, maxRequests / 2);

    const fault = faults.take(route.operation, workNo);
    if (fault) return fail(response, fault);
    const [least, most] = switches.idRange;
    if (!/^[1-9]\d*$/.test(workNo) || Number(workNo) < least || Number(workNo) > most) {
      return switches.outOfRange === '404'
        ? misbehave(response, { status: 404, body: '' })
        : reply(response, { retcode: '000-002', message: 'invalid agentid' });
    }
    if (!/^application\/json/i.test(request.headers['content-type'] ?? '')) return misbehave(response, { status: 415, body: '' });
    const guid = request.headers.guid as string | undefined;
    if (!route.open && !sessions.admits(workNo, guid)) {
      return reply(response, { retcode: switches.lostCode, message: 'no right to invite resource', result: '' });
    }
    let json: Record<string, unknown> = {};
    try {
      json = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
    } catch {
      return reply(response, { retcode: '000-006', message: 'message parameter error' });
    }
    const result = route.handle({ workNo, parameters, query: url.searchParams, guid, body: json });
    if (result.poll) hold(workNo, request, response);
    else reply(response, result);
  };

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    busy += 1;
    arrivals.requested(request.socket);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      busy -= 1;
      answer(request, response, Buffer.concat(chunks).toString('utf8'));
    });
    request.on('error', () => undefined);
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on(options.tls ? 'secureConnection' : 'connection', arrivals.opened);
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, options.port);

  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    contactCenter,
    sessions,
    switches,
    requests,
    calls: (operation) => counts.get(operation) ?? 0,
    busy: () => busy,
    failNext: faults.failNext,
    failNoMore: faults.failNoMore,
    kick: (workNo) => sessions.close(workNo),
    restart: () => {
      server.closeAllConnections();
      sessions.closeAll();
    },
    close: async () => {
      sessions.closeAll();
      await shut(server);
    },
  };
};
