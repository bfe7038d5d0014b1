import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock } from '../../domain/ports/clock.ts';
import { listen, shut } from '../kit/listen.ts';
import { createRandom, type Random } from '../kit/random.ts';
import type { Answer } from './answers.ts';
import { createApi } from './api.ts';
import { type ContactCenter, createContactCenter } from './contact-center.ts';
import { type ArmedFault, type Fault, type Switches, usualSwitches } from './switches.ts';

export interface MiralixSimulatorOptions {
  clock: Clock;
  account?: string;
  sharedSecret?: string;
  switches?: Partial<Switches>;
  publishAfterMs?: number;
  seed?: number;
  /** A free one when absent. */
  port?: number | undefined;
}

interface MiralixSimulator {
  url: string;
  account: string;
  sharedSecret: string;
  contactCenter: ContactCenter;
  /** May be changed at any time. */
  switches: Switches;
  /** Armed until taken out of the list. */
  faults: ArmedFault[];
  /** Every request below the account, as `GET /agents?state=any`, still encoded. */
  requests: string[];
  close(): Promise<void>;
}

const json = { 'content-type': 'application/json; charset=utf-8' };

const listText = function* (items: readonly unknown[]) {
  yield '[';
  for (const [index, item] of items.entries()) yield `${index ? ',' : ''}${JSON.stringify(item)}`;
  yield ']';
};

const fail = (fault: Fault, request: IncomingMessage, response: ServerResponse): void => {
  if (fault.kind === 'stall') return;
  if (fault.kind === 'reset') request.socket.destroy();
  else if (fault.kind === 'status') response.writeHead(fault.status, json).end(fault.body);
  else if (fault.kind === 'page')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Service Unavailable</body></html>');
  else if (fault.kind === 'halfJson') response.writeHead(200, json).end('[{"QueueCallId":47610,"Conv');
  else response.writeHead(200).end(fault.body);
};

/** The server's HTTP side. */
interface MiralixHttp {
  clock: Clock;
  account: string;
  sharedSecret: string;
  switches: Switches;
  random: Random;
  api: ReturnType<typeof createApi>;
  faults: ArmedFault[];
  requests: string[];
}

const write = ({ switches, random }: MiralixHttp, response: ServerResponse, answer: Answer): void => {
  if (answer.bytes) {
    response.writeHead(answer.status, { 'content-type': 'audio/mpeg', 'content-length': answer.bytes.length }).end(answer.bytes);
  } else if (answer.list) {
    response.writeHead(answer.status, json);
    if (answer.list.length === 0) response.end(switches.emptyList);
    else Readable.from(listText(switches.shuffled ? random.shuffle(answer.list) : answer.list)).pipe(response);
  } else {
    response
      .writeHead(answer.status, answer.json === undefined ? {} : json)
      .end(answer.json === undefined ? '' : JSON.stringify(answer.json));
  }
};

const answerRequest = (http: MiralixHttp, request: IncomingMessage, response: ServerResponse): void => {
  response.setHeader('date', new Date(http.clock.now()).toUTCString());
  const root = `/mot/${encodeURIComponent(http.account)}/`;
  const target = request.url ?? '';
  if (!target.startsWith(root)) return void response.writeHead(404).end();
  const below = target.slice(root.length - 1);
  const requestLine = `${request.method} ${below}`;
  http.requests.push(requestLine);
  const armed = http.faults.find(({ matches }) => matches.test(requestLine));
  if (armed) return void fail(armed.fault, request, response);
  if (request.headers['x-miralix-shared-secret'] !== http.sharedSecret) return void response.writeHead(401).end();
  const [path = '', query = ''] = below.split('?', 2);
  try {
    const segments = path.split('/').slice(1).map(decodeURIComponent);
    const answer = http.api({ method: request.method ?? 'GET', path: segments, query: new URLSearchParams(query) });
    write(http, response, answer);
  } catch {
    response.writeHead(400).end();
  }
};

/** A Miralix OfficeTeam server on a free port, after the manuals of its versions. */
export const startMiralixSimulator = async (options: MiralixSimulatorOptions): Promise<MiralixSimulator> => {
  const { clock, account = 'greenbox', sharedSecret = 'simulated-secret', seed = 1, publishAfterMs = 0 } = options;
  const switches: Switches = { ...usualSwitches, ...options.switches };
  const contactCenter = createContactCenter({ clock, publishAfterMs });
  const api = createApi({ contactCenter, switches, clock });
  const shown = { account, sharedSecret, switches, faults: [], requests: [] };
  const http: MiralixHttp = { ...shown, clock, random: createRandom(seed), api };
  const server = createServer((request, response) => answerRequest(http, request, response));
  const port = await listen(server, options.port);
  return { ...shown, url: `http://127.0.0.1:${port}`, contactCenter, close: () => shut(server) };
};
