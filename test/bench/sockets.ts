/** Many sockets in a process of their own, which count messages and answer pings: `url count document|'' distinct|same`. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { authorization } from './ours.ts';

/** A client's text frame, masked with zeroes. */
const frame = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const head =
    bytes.length < 126 ? Buffer.from([0x81, 0x80 | bytes.length]) : Buffer.from([0x81, 0xfe, bytes.length >> 8, bytes.length & 255]);
  return Buffer.concat([head, Buffer.alloc(4), bytes]);
};

const text = 1;
const ping = 9;
/** An empty one, masked with zeroes. */
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Opcodes of the frames in what a server sent at once: here each is whole, and shorter than what is read at once. */
const opcodes = (bytes: Buffer): readonly number[] => {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1]! & 127;
    found.push(bytes[at]! & 15);
    at += short < 126 ? 2 + short : short === 126 ? 4 + bytes.readUInt16BE(at + 2) : 10 + bytes.readUInt32BE(at + 6);
  }
  return found;
};

const open = (url: URL): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname).setNoDelay();
    socket.once('error', reject);
    socket.write(
      `GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
        `sec-websocket-key: ${randomBytes(16).toString('base64')}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
    );
    socket.once('data', (head) => (head.includes(' 101 ') ? resolve(socket) : reject(new Error(String(head)))));
  });

const [address, count, document = '', kind] = process.argv.slice(2);
const url = new URL(address!);
const sockets: Socket[] = [];
let arrived = 0;
let wanted = 0;
let tell = () => undefined as unknown;

for (let index = 0; index < Number(count); index += 1) {
  const socket = await open(url);
  sockets.push(socket);
  const acknowledged = new Promise((resolve) => socket.once('data', resolve));
  socket.write(frame(JSON.stringify({ type: 'connection_init', payload: { authorization: authorization.authorization } })));
  if (document !== 'bare') await acknowledged;
  if (document !== '' && document !== 'bare') {
    const query = kind === 'distinct' ? document.replace('fileName', `name${index}: fileName`) : document;
    socket.write(frame(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } })));
  }
  socket.on('data', (bytes) => {
    for (const opcode of opcodes(bytes)) {
      if (opcode === ping) socket.write(pong);
      if (opcode !== text) continue;
      arrived += 1;
      if (arrived === wanted) tell();
    }
  });
  socket.once('close', () => process.exit(1));
}

/** `clear` forgets what came with the subscriptions; a number is how many frames to wait for after the post that follows. */
process.on('message', async ({ post, headers, body }: { post: string; headers: Record<string, string>; body: string }) => {
  arrived = 0;
  wanted = sockets.length;
  const all = new Promise<unknown>((resolve) => (tell = () => resolve(undefined)));
  const startedAt = performance.now();
  await fetch(post, { method: 'POST', headers, body });
  await all;
  process.send!({ ms: performance.now() - startedAt });
});
process.on('disconnect', () => process.exit());
process.send!({ open: sockets.length });
