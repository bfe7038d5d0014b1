/** Subscribers that stay through all faults, some on one connection and some that leave and come back, with all that they receive. */

import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import type { LiveEvent } from '../../src/domain/model/events.ts';
import { nodeId } from '../../src/domain/model/ids.ts';

/** One open stream. `over` resolves with who ended it and how. */
interface Connection {
  over: Promise<string>;
  leave(): void;
}

type Subscribe = (url: string, payload: object, take: (answer: Answer) => void) => Connection;

interface Answer {
  data?: Record<string, ReportedChange> | null;
  errors?: unknown;
}

interface ReportedChange {
  id: string;
  position: string;
  snapshot: boolean;
  gap: boolean;
  previous: string | null;
  row: { sourceName?: string; agent?: { sourceName: string }; key: string; state: string };
}

const left = 'left';

const overSocket: Subscribe = (url, payload, take) => {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  let ending: string | null = null;
  const send = (message: object) => socket.send(JSON.stringify(message));
  socket.on('open', () => send({ type: 'connection_init' }));
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; payload?: Answer };
    if (message.type === 'connection_ack') send({ type: 'subscribe', id: 's', payload });
    else if (message.type === 'next') take(message.payload!);
    else if (message.type !== 'ping' && message.type !== 'pong') ending ??= `${message.type} ${JSON.stringify(message.payload)}`;
  });
  const over = new Promise<string>((resolve) => {
    socket.once('error', ({ message }) => {
      ending ??= message;
    });
    socket.once('close', (code) => resolve(ending ?? `closed with ${code}`));
  });
  const leave = () => {
    ending ??= left;
    socket.terminate();
  };
  return { over, leave };
};

const overEventStream: Subscribe = (url, payload, take) => {
  const controller = new AbortController();
  const read = async () => {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(payload), signal: controller.signal });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const events = `${text}${chunk}`.split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: ?(.*)$/.exec(event) ?? [];
        if (name === 'next') take(JSON.parse(data!));
        else if (name !== undefined) return name;
      }
    }
    return 'closed without complete';
  };
  const over = read().catch((error: Error) => (controller.signal.aborted ? left : error.message));
  return { over, leave: () => controller.abort() };
};

const transports = { WebSocket: overSocket, 'server-sent events': overEventStream };

/** How the server has to end a stream when it stops, so that clients come back. */
const endings: Readonly<Record<keyof typeof transports, string>> = {
  WebSocket: 'closed with 1012',
  'server-sent events': 'closed without complete',
};

const subscriptions = {
  agent:
    'agentChanged(after: $after) { id position snapshot gap previous: previousStatus row: agent { sourceName key: externalId state: status } }',
  call: 'callChanged(after: $after) { id position snapshot gap previous: previousState row: call { sourceName key: externalId state } }',
  recording:
    'recordingChanged(after: $after) { id position snapshot gap previous: previousState row: recording { sourceName key: externalId state } }',
  blackout:
    'blackoutChanged(after: $after) { id position snapshot gap previous: previousState row: blackout { agent { sourceName } key: id state } }',
};

export type FollowedEntity = keyof typeof subscriptions;

interface Follower {
  name: string;
  entityType: FollowedEntity;
  transport: keyof typeof transports;
  received: readonly { id: number; what: string }[];
  connections: number;
  /** Stays on the connection that it is on, or will be. */
  stay(): void;
  ending: Promise<string>;
}

const whatOf = ({ row, previous }: ReportedChange): string =>
  `${row.sourceName ?? row.agent?.sourceName} ${row.key}: ${previous} → ${row.state}`;
const whatHappened = ({ entityType, source, key, previous, state }: LiveEvent): string => {
  const { status, state: word } = state as { status?: string; state?: string };
  return `${source} ${entityType === 'blackout' ? nodeId('Blackout', key) : key}: ${previous} → ${status ?? word}`;
};

/** `away` is called for how long to stay and then to be away, in ms; absent where it never leaves. */
const follow = (
  url: string,
  entityType: FollowedEntity,
  transport: keyof typeof transports,
  fault: (what: string) => void,
  away?: () => number,
): Follower => {
  const name = `${entityType}s over ${transport}${away ? ', coming back' : ''}`;
  const query = `subscription ($after: ID) { ${subscriptions[entityType]} }`;
  const received: { id: number; what: string }[] = [];
  let lastId: string | null = null;
  let staying = away === undefined;
  let connection: Connection;
  let cancel = () => {};
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      cancel = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const connect = () => {
    const resumes = lastId !== null;
    let live = resumes;
    connection = transports[transport](`${url}/graphql`, { query, variables: { after: lastId } }, ({ data, errors }) => {
      const event = Object.values(data ?? {})[0];
      if (errors !== undefined || event === undefined) return fault(`${name}: ${JSON.stringify(errors)}`);
      const id = Number(event.position);
      if (event.gap) fault(`${name}: a gap at ${event.id}`);
      if (event.snapshot && live) fault(`${name}: a snapshot behind ${resumes ? 'what was seen' : 'an event'}`);
      if (lastId !== null && (event.snapshot ? id < Number(lastId) : id <= Number(lastId))) fault(`${name}: ${id} behind ${lastId}`);
      lastId = event.position;
      live ||= !event.snapshot;
      if (!event.snapshot) received.push({ id, what: whatOf(event) });
    });
    follower.connections += 1;
  };
  const run = async (): Promise<string> => {
    for (;;) {
      connect();
      if (!staying) {
        void wait(away!()).then(() => {
          if (!staying) connection.leave();
        });
      }
      const ending = await connection.over;
      cancel();
      if (ending !== left) return ending;
      if (!staying) await wait(away!());
    }
  };
  const follower: Follower = {
    name,
    entityType,
    transport,
    received,
    connections: 0,
    stay: () => {
      staying = true;
      cancel();
    },
    ending: Promise.resolve(''),
  };
  follower.ending = run();
  return follower;
};

export interface Followers {
  /** Events that were reported and may not be, and streams that ended while the server runs. */
  faults: readonly string[];
  /** Connections made so far. */
  connections(): number;
  /** Streams that are open where nobody is away, by the server's names. */
  open: Readonly<Record<'sockets' | 'eventStreams', number>>;
  /** Nobody leaves any more. */
  stay(): void;
  /** Returns those who have not received yet what they follow up to the end of the log. */
  behind(log: readonly LiveEvent[]): readonly string[];
  /** Checks a stopped server: each received everything behind its first event once, in order, as the log has it, and was sent away properly. */
  check(log: readonly LiveEvent[]): Promise<void>;
}

/** Every entity over every transport, twice: by one who stays and by one who comes and goes. */
export const startFollowers = (url: string, chance: () => number): Followers => {
  const faults: string[] = [];
  const fault = (what: string) => void faults.push(what);
  const entityTypes = Object.keys(subscriptions) as FollowedEntity[];
  const away = () => 500 + 4000 * chance();
  const followers = (Object.keys(transports) as (keyof typeof transports)[]).flatMap((transport) =>
    entityTypes.flatMap((entityType) => [follow(url, entityType, transport, fault), follow(url, entityType, transport, fault, away)]),
  );
  for (const { name, ending } of followers) void ending.then((how) => fault(`${name}: ${how}`));
  const due = (log: readonly LiveEvent[], { entityType, received }: Follower) =>
    log.filter((event) => event.entityType === entityType && event.id >= (received[0]?.id ?? 0));
  return {
    faults,
    connections: () => followers.reduce((sum, follower) => sum + follower.connections, 0),
    open: { sockets: entityTypes.length * 2, eventStreams: entityTypes.length * 2 },
    stay: () => {
      for (const follower of followers) follower.stay();
    },
    behind: (log) =>
      followers.filter((follower) => due(log, follower).at(-1)!.id > (follower.received.at(-1)?.id ?? 0)).map(({ name }) => name),
    check: async (log) => {
      for (const follower of followers) {
        const { name, transport, received } = follower;
        assert.equal(await follower.ending, endings[transport], name);
        const happened = due(log, follower).slice(0, received.length);
        assert.ok(received.length > 0, `${name}: received nothing`);
        assert.deepEqual(
          received,
          happened.map((event) => ({ id: event.id, what: whatHappened(event) })),
          name,
        );
      }
    },
  };
};
