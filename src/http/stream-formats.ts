/** How a stream of GraphQL answers is written into the body of one HTTP response. */
import type { IncomingMessage } from 'node:http';

export interface StreamFormat {
  headers: Readonly<Record<string, string>>;
  /** Written at once. */
  opening: string;
  /** Keeps proxies awake. */
  heartbeat: string;
  /** Writes one answer, given as JSON. */
  next(json: string): string;
  /** Tells that nothing more comes. */
  complete: string;
  /** Tells errors that end the stream, given as the JSON of an object of `errors`, and that nothing more comes. */
  failure(json: string): string;
}

const complete = 'event: complete\ndata:\n\n';

/** Server-sent events, in the distinct connections mode of graphql-sse. */
const serverSentEvents: StreamFormat = {
  headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  opening: ':\n\n',
  heartbeat: ':\n\n',
  next: (json) => `event: next\ndata: ${json}\n\n`,
  complete,
  failure: (json) => `event: next\ndata: ${json}\n\n${complete}`,
};

const delimiter = '\r\n--graphql';
const part = (json: string) => `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}${delimiter}`;

/** Apollo's multipart subscriptions: a part counts as come once the delimiter behind it has. */
const multipart: StreamFormat = {
  headers: { 'content-type': 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0' },
  opening: delimiter,
  heartbeat: part('{}'),
  next: (json) => part(`{"payload":${json}}`),
  complete: '--\r\n',
  failure: (json) => `${part(`{"payload":null,${json.slice(1)}`)}--\r\n`,
};

interface AcceptedStream {
  format: StreamFormat;
  /** True if queries and mutations are to be answered so as well, since the client takes no JSON. */
  only: boolean;
}

/** Returns the first stream that `Accept` names; null where it names none. */
export const acceptedStream = ({ headers }: IncomingMessage): AcceptedStream | null => {
  const accept = (headers.accept ?? '').toLowerCase();
  for (const entry of accept.split(',')) {
    const [type = '', ...parameters] = entry.split(';').map((each) => each.trim().replaceAll('"', ''));
    if (type === 'text/event-stream') return { format: serverSentEvents, only: !accept.includes('json') };
    if (type === 'multipart/mixed' && parameters.includes('subscriptionspec=1.0')) return { format: multipart, only: false };
  }
  return null;
};
