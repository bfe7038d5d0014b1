import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../domain/ports/clock.ts';
import { listen, shut } from '../kit/listen.ts';
import { createRandom, type Random } from '../kit/random.ts';
import { readBody } from '../kit/read-body.ts';
import { startActivity } from './activity.ts';
import { type Api, createApi } from './api.ts';
import { type ContactCenter, createContactCenter, type SimulatedAgent, type SimulatedCall } from './contact-center.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { cdrPushOf, keepFiles, type Push, type RecordContext, recordPushesOf, voicemailPushesOf } from './records.ts';
import { createStorage, type Storage } from './storage.ts';
import { type TencentSwitches, usualSwitches } from './switches.ts';

export interface TencentSimulatorOptions {
  clock: Clock;
  seed?: number;
  sdkAppId?: number;
  secretId?: string;
  secretKey?: string;
  agents?: readonly (Partial<SimulatedAgent> & { mail: string })[];
  /** Lets calls come and go by themselves. */
  activity?: boolean;
  /** A free one when absent. */
  port?: number | undefined;
  switches?: Partial<TencentSwitches>;
}

export interface TencentSimulator {
  /** The API's endpoint; recordings are served from the same host. */
  url: string;
  /** Host and port, as an entry of mediaHosts. */
  mediaHost: string;
  sdkAppId: number;
  secretId: string;
  secretKey: string;
  switches: TencentSwitches;
  contactCenter: ContactCenter;
  api: Pick<Api, 'callsMade' | 'busiestSecond' | 'refuse'>;
  pusher: Omit<Pusher, 'close'>;
  storage: Pick<Storage, 'forgetObjects' | 'withhold' | 'signedLink'>;
  /** Answers every request with this instead, until it is null. */
  breakWith(answer: BrokenAnswer | null): void;
  /** A whole call at once: arrives, rings, is answered by each agent in turn, and ends after `seconds`. */
  playCall(agents: readonly SimulatedAgent[], seconds?: number): SimulatedCall;
  close(): Promise<void>;
}

const pushesOf = (call: SimulatedCall, { records, random }: { records: RecordContext; random: Random }): readonly Push[] => {
  const cdr = cdrPushOf(call, records);
  const others = [...recordPushesOf(call, records), ...voicemailPushesOf(call, records)];
  const { order } = records.switches;
  if (order === 'shuffled') return random.shuffle([cdr, ...others]);
  return order === 'cdrFirst' ? [cdr, ...others] : [...others, cdr];
};

const playCall = (contactCenter: ContactCenter, agents: readonly SimulatedAgent[], seconds: number): SimulatedCall => {
  const call = contactCenter.startCall({ direction: 0, caller: '008618621520280', callee: '008602066247698' });
  for (const agent of agents) {
    contactCenter.ring(call, agent);
    contactCenter.answer(call);
  }
  call.start -= seconds;
  call.queued = call.start;
  contactCenter.hangUp(call);
  return call;
};

interface BrokenAnswer {
  status: number;
  contentType: string;
  body: string;
}

interface TencentHttp {
  api: Api;
  storage: Storage;
  broken: BrokenAnswer | null;
}

const answerRequest = async (http: TencentHttp, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await readBody(request);
  const { api, storage, broken } = http;
  if (broken) {
    response.writeHead(broken.status, { 'content-type': broken.contentType }).end(broken.body);
  } else if (request.method === 'POST' && request.url === '/') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(api.handle(request.headers, body));
  } else if (request.method === 'GET') {
    storage.serve(request, response);
  } else {
    response.writeHead(404).end();
  }
};

/** The contact center's pushes, pull API and recording store, after the vendor's pages. */
export const startTencentSimulator = async (options: TencentSimulatorOptions): Promise<TencentSimulator> => {
  const { clock, sdkAppId = 1_400_264_214, secretId = 'AKIDsimulator', secretKey = 'simulator-secret-key', seed = 1 } = options;
  const switches: TencentSwitches = { ...usualSwitches, ...options.switches };
  const random = createRandom(seed);
  let url = '';
  const storage = createStorage({ clock, random, switches, baseUrl: () => url });
  const pusher = createPusher(clock, random, switches);
  const records = { sdkAppId, switches, storage };
  const onEnded = (call: SimulatedCall) => {
    keepFiles(call, records);
    for (const push of pushesOf(call, { records, random })) pusher.push(push);
  };
  const contactCenter = createContactCenter({ clock, random, onEnded });
  const api = createApi({ ...records, clock, random, contactCenter, keys: { secretId, secretKey } });
  for (const agent of options.agents ?? []) contactCenter.addAgent(agent);

  const http: TencentHttp = { api, storage, broken: null };
  const server = createServer((request, response) => {
    response.setHeader('date', new Date(clock.now()).toUTCString());
    answerRequest(http, request, response).catch(() => response.destroy());
  });
  const port = await listen(server, options.port);
  url = `http://127.0.0.1:${port}`;
  const endActivity = options.activity ? startActivity({ contactCenter, clock, random }) : () => undefined;

  return {
    url,
    mediaHost: `127.0.0.1:${port}`,
    sdkAppId,
    secretId,
    secretKey,
    switches,
    contactCenter,
    api,
    pusher,
    storage,
    breakWith: (answer) => {
      http.broken = answer;
    },
    playCall: (agents, seconds = 10) => playCall(contactCenter, agents, seconds),
    close: async () => {
      endActivity();
      await pusher.close();
      await shut(server);
    },
  };
};
