/** A bare broadcast: what is posted goes to every socket as one text frame. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { ready } from './vendor.mjs';

const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'graphql-transport-ws' });
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const frame = Buffer.concat(chunks);
    for (const socket of sockets.clients) socket.send(frame, { binary: false });
    response.end('{}');
  });
});
server.on('upgrade', (request, stream, head) => {
  sockets.handleUpgrade(request, stream, head, (socket) => socket.on('message', () => undefined));
});
server.listen(0, '127.0.0.1', () => ready(server.address().port));
