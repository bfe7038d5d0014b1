import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Clock } from '../../domain/ports/clock.ts';
import { listen, shut } from '../kit/listen.ts';
import { readBody } from '../kit/read-body.ts';
import { answerRequest, type GatewayHttp, type SeenRequest } from './answer-request.ts';
import { createApi } from './api.ts';
import { createArrivals } from './arrivals.ts';
import { type ContactCenter, createContactCenter } from './contact-center.ts';
import { createFaults, type Faults } from './faults.ts';
import { createPushSender } from './push-sender.ts';
import { createGatewaySessions, type GatewaySessions } from './sessions.ts';
import { type HuaweiSwitches, usualSwitches } from './switches.ts';

interface HuaweiSimulatorOptions {
  clock: Clock;
  switches?: Partial<HuaweiSwitches>;
  /** PEM; with it the gateway speaks https. */
  tls?: { key: string; cert: string };
  port?: number | undefined;
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

const createGatewayHttp = (clock: Clock, switches: HuaweiSwitches): GatewayHttp => {
  const sessions = createGatewaySessions(clock, switches, createPushSender());
  const contactCenter = createContactCenter(clock, switches, sessions.emit);
  const gateway = { clock, switches, sessions, contactCenter };
  const arrivals = createArrivals(sessions.lose);
  return { ...gateway, routes: createApi(gateway), faults: createFaults(), arrivals, counts: new Map(), requests: [] };
};

export const startHuaweiSimulator = async ({ clock, tls, port, ...options }: HuaweiSimulatorOptions): Promise<HuaweiSimulator> => {
  const http = createGatewayHttp(clock, { ...usualSwitches, ...options.switches });
  const { sessions, contactCenter, switches, faults, arrivals, counts, requests } = http;
  let busy = 0;

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    busy += 1;
    arrivals.requested(request.socket);
    const answer = (body: Buffer) => {
      busy -= 1;
      answerRequest(http, { request, response, body: body.toString('utf8') });
    };
    // A request that breaks off is never answered.
    void readBody(request).then(answer, () => undefined);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on(tls ? 'secureConnection' : 'connection', arrivals.opened);
  server.keepAliveTimeout = 60_000;
  const listeningPort = await listen(server, port);

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${listeningPort}`,
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
