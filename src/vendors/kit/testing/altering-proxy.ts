/** An HTTP proxy in front of a vendor that passes answers on in another form of the same meaning. */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

interface Altered {
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

const isText = (headers: OutgoingHttpHeaders): boolean => !/audio|octet-stream/.test(String(headers['content-type'] ?? ''));

/** Each says what the vendor said, as a server or a proxy of its site might. */
const withJson = ({ headers, body }: Altered, change: (json: string) => string): Altered => {
  if (!isText(headers) || !/^\s*[[{]/.test(body.toString('utf8'))) return { headers, body };
  return { headers, body: Buffer.from(change(body.toString('utf8'))) };
};

/** Replaces any numeric id: a double cannot hold it. */
export const largeId = '9007199254740993';

export const alterations = {
  gzip: ({ headers, body }: Altered) => ({ headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(body) }),
  'a byte order mark': ({ headers, body }: Altered) => ({
    headers,
    body: isText(headers) && body.length > 0 ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]) : body,
  }),
  'names with lone surrogates': (answer: Altered) =>
    withJson(answer, (json) =>
      json.replace(/"(\w*)"\s*:\s*"/g, (start, field: string) => (/name|nick|alias|department/i.test(field) ? `${start}\\ud83d` : start)),
    ),
  'unknown fields': (answer: Altered) =>
    withJson(answer, (json) => json.replace(/\{(?=\s*")/g, `{"x-number":${largeId},"x-text":"\\udc00",`)),
  'ids beyond 2^53': (answer: Altered) => withJson(answer, (json) => json.replace(/("AgentId"\s*:\s*)\d+/g, `$1${largeId}`)),
  'latin-1': ({ headers, body }: Altered) =>
    isText(headers)
      ? {
          headers: { ...headers, 'content-type': 'application/json; charset=iso-8859-1' },
          body: Buffer.from(body.toString('utf8'), 'latin1'),
        }
      : { headers, body },
} satisfies Record<string, (answer: Altered) => Altered>;
export type Alteration = keyof typeof alterations;

export interface AlteringProxy {
  url: string;
  alter(how: Alteration | null): void;
  /** Answers that came out otherwise than the vendor gave them. */
  altered(): number;
  /** The operations' requests so far, such as `POST /api/Record/StartForAgent`. */
  requests: string[];
  close(): Promise<void>;
}

const whole = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const startAlteringProxy = async (upstream: string): Promise<AlteringProxy> => {
  const target = new URL(upstream);
  const requests: string[] = [];
  let how: Alteration | null = null;
  let alteredAnswers = 0;

  const handle = async (given: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(`${given.method} ${given.url}`);
    const sent = await whole(given);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { host: _host, connection: _connection, ...headers } = given.headers;
      const { hostname, port } = target;
      const onward = sendRequest(
        { hostname, port, method: given.method, path: given.url, headers: { ...headers, host: given.headers.host } },
        resolve,
      );
      onward.on('error', reject);
      onward.end(sent);
    });
    const { 'content-length': _length, 'transfer-encoding': _coding, ...headers } = answer.headers;
    const plain = { headers, body: await whole(answer) };
    const altered = how === null ? plain : alterations[how](plain);
    if (!altered.body.equals(plain.body)) alteredAnswers += 1;
    response.writeHead(answer.statusCode ?? 502, altered.headers).end(altered.body);
  };
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alter: (next) => {
      how = next;
    },
    altered: () => alteredAnswers,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
