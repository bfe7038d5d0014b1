/** Subscribers that go on as real ones do: a stream that closes is opened again, at any server that answers, behind the last event received. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { TestDatabase } from '../support/services.ts';
import { connectSocket, type SocketClient } from '../support/socket-client.ts';
import { eventually } from './cluster.ts';

export interface ReceivedEvent {
  position: string;
  snapshot: boolean;
  gap: boolean;
  /** Milliseconds of `performance.now()`. */
  receivedAtMs: number;
  // biome-ignore lint/suspicious/noExplicitAny: the fields of any selection.
  [field: string]: any;
}

export interface Subscriber {
  events: readonly ReceivedEvent[];
  /** Times that it had to connect. */
  connections(): number;
  until(what: string, check: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent>;
  close(): void;
}

/** `field` is a subscription without arguments other than `after`; `urls` are tried in turn. */
export const subscribe = async (
  test: TestContext,
  urls: readonly string[],
  field: 'agentChanged' | 'callChanged' | 'recordingChanged' | 'blackoutChanged',
  selection: string,
): Promise<Subscriber> => {
  const query = `subscription ($after: ID) { ${field}(after: $after) { position at snapshot gap ${selection} } }`;
  const events: ReceivedEvent[] = [];
  let connections = 0;
  let closed = false;
  let socket: SocketClient | null = null;

  const follow = async (url: string): Promise<void> => {
    const client = await connectSocket(`${url}/graphql`);
    try {
      await client.init();
      client.subscribe('s', query, { after: events.at(-1)?.position ?? null });
      connections += 1;
      socket = client;
      let over = false;
      const ended = client.closed.then(() => {
        over = true;
        return null;
      });
      while (!over) {
        const message = await Promise.race([client.next(), ended]);
        if (message === null || message.type === 'complete' || message.type === 'error') break;
        if (message.type === 'ping') client.send({ type: 'pong' });
        if (message.type !== 'next') continue;
        const { data, errors } = message.payload as { data: Record<string, ReceivedEvent>; errors?: unknown };
        assert.equal(errors, undefined, JSON.stringify(errors));
        events.push({ ...data[field]!, receivedAtMs: performance.now() });
      }
    } finally {
      client.socket.terminate();
    }
  };
  const run = async () => {
    for (let turn = 0; !closed; turn += 1) {
      await follow(urls[turn % urls.length]!).catch(() => new Promise((resolve) => setTimeout(resolve, 50)));
    }
  };
  void run();
  const close = () => {
    closed = true;
    socket?.socket.terminate();
  };
  test.after(close);
  await eventually(`${field} is subscribed to`, () => connections > 0);
  return {
    events,
    connections: () => connections,
    until: (what, check) => eventually(what, () => events.find(check)),
    close,
  };
};

/** Every event of the entity behind the snapshot has come to the subscriber, once and in order, and none was called a gap. */
export const assertNothingLost = async (
  database: Pick<TestDatabase, 'query'>,
  entityType: string,
  subscriber: Subscriber,
): Promise<number> => {
  const live = subscriber.events.filter(({ snapshot }) => !snapshot);
  assert.ok(live.length > 0, 'the subscriber saw events');
  assert.ok(!subscriber.events.some(({ gap }) => gap));
  const { rows } = await database.query('select id from events where entity_type = $1 and id >= $2 order by id', [
    entityType,
    live[0]!.position,
  ]);
  assert.deepEqual(
    live.map(({ position }) => position),
    rows.map(({ id }: { id: string }) => String(id)),
  );
  return live.length;
};
