/** Serves the API of Acme's documents on a free port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const startAcmeSimulator = async (apiKey: string) => {
  const agents = [{ id: '1', name: 'Ada', state: 'talking' }];
  const server = createServer((request, response) => {
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const route = `${request.method} ${request.url}`;
    if (request.headers['x-api-key'] !== apiKey) return void json(401, {});
    if (route === 'GET /agents') return void json(200, agents);
    if (route === 'POST /agents/1/recording') return void json(200, { recording: 'r1' });
    if (route === 'GET /recordings/r1') return void response.writeHead(200).end(Buffer.concat([Buffer.from('ID3'), Buffer.alloc(500)]));
    json(404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
