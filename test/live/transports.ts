/** The three transports through which a subscription's events come, behind one interface. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { connectSocket } from '../support/socket-client.ts';

export interface ReceivedEvent {
  id: string;
  snapshot: boolean;
  gap: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the fields of any selection.
  [field: string]: any;
}

export interface Stream {
  received: readonly ReceivedEvent[];
  until(what: string, check: (received: readonly ReceivedEvent[]) => boolean): Promise<void>;
  close(): void;
}

export type Transport = (test: TestContext, serverUrl: string, query: string, variables?: Record<string, unknown>) => Promise<Stream>;

const collect = (close: () => void) => {
  const received: ReceivedEvent[] = [];
  const receive = (payload: unknown) => {
    const { data, errors } = payload as { data?: Record<string, ReceivedEvent>; errors?: unknown };
    if (errors || !data) throw new Error(`the stream reported errors: ${JSON.stringify(errors)}`);
    received.push(Object.values(data)[0]!);
  };
  const stream: Stream = {
    received,
    until: async (what, check) => {
      const endMs = performance.now() + 20_000;
      while (!check(received)) {
        if (performance.now() > endMs) throw new Error(`never: ${what}; received: ${JSON.stringify(received)}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close,
  };
  return { stream, receive };
};

const overSocket: Transport = async (test, serverUrl, query, variables = {}) => {
  const client = await connectSocket(`${serverUrl}/graphql`);
  const { stream, receive } = collect(() => client.socket.terminate());
  test.after(stream.close);
  await client.init();
  client.socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'next') receive(message.payload);
  });
  client.subscribe('s', query, variables);
  return stream;
};

const overEventStream: Transport = async (test, serverUrl, query, variables = {}) => {
  const controller = new AbortController();
  const { stream, receive } = collect(() => controller.abort());
  test.after(stream.close);
  const response = await fetch(`${serverUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables }),
    signal: controller.signal,
  });
  const read = async () => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const data = /^event: next\ndata: (.*)$/m.exec(event)?.[1];
        if (data) receive(JSON.parse(data));
      }
    }
  };
  read().catch((error) => {
    if (!controller.signal.aborted) throw error;
  });
  return stream;
};

const overCallback: Transport = async (test, serverUrl, query, variables = {}) => {
  const router = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const message = JSON.parse(text);
    if (message.action === 'next') receive(message.payload);
    response.writeHead(closed ? 404 : 204, { 'subscription-protocol': 'callback/1.0' }).end();
  });
  let closed = false;
  const { stream, receive } = collect(() => {
    closed = true;
    router.close();
    router.closeAllConnections();
  });
  test.after(stream.close);
  router.listen(0, '127.0.0.1');
  await once(router, 'listening');
  const callbackUrl = `http://127.0.0.1:${(router.address() as AddressInfo).port}/callback`;
  const subscription = { callbackUrl, subscriptionId: 's', verifier: 'v', heartbeatIntervalMs: 0 };
  const response = await fetch(`${serverUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json;callbackSpec=1.0' },
    body: JSON.stringify({ query, variables, extensions: { subscription } }),
  });
  if (response.status !== 200) throw new Error(await response.text());
  return stream;
};

export const transports: Readonly<Record<string, Transport>> = {
  WebSocket: overSocket,
  'server-sent events': overEventStream,
  'HTTP callback': overCallback,
};
