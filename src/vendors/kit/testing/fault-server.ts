/** A TCP proxy in front of a vendor, that passes bytes on or breaks them in one way. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const answer = (status: string, body: string, headers = 'content-type: application/json\r\n') =>
  `HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;

const hugeBytes = 50 * 1024 * 1024;
const trickleMs = 20;

const trickle = (socket: Socket, text: string) => {
  let sent = 0;
  const timer = setInterval(() => socket.write(text[sent++ % text.length]!), trickleMs);
  socket.once('close', () => clearInterval(timer));
};

const flood = (socket: Socket) => {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  let left = hugeBytes;
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= chunk.length;
      if (!socket.write(chunk)) return void socket.once('drain', more);
    }
    if (!socket.destroyed) socket.end('"}');
  };
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${hugeBytes + 14}\r\n\r\n{"padding":"`);
  more();
};

/** The fault of a connection once a request has begun to arrive. */
const deeds = {
  'reset before the answer': (socket) => socket.resetAndDestroy(),
  'reset mid-header': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-ty', () => socket.resetAndDestroy()),
  'reset mid-body': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[{"Agen', () => socket.resetAndDestroy()),
  'end mid-body': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[{"Agen'),
  stall: () => undefined,
  'stall mid-body': (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[{"Agen'),
  'trickle of a header': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
    trickle(socket, 'x');
  },
  'trickle of a body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
    trickle(socket, '[{"Agent":');
  },
  'status 401': (socket) => socket.end(answer('401 Unauthorized', '')),
  'status 403': (socket) => socket.end(answer('403 Forbidden', '')),
  'status 404': (socket) => socket.end(answer('404 Not Found', '')),
  'status 429': (socket) => socket.end(answer('429 Too Many Requests', '{}', 'retry-after: 7\r\n')),
  'status 500': (socket) => socket.end(answer('500 Internal Server Error', '{"Message":"broken"}')),
  'status 502 with a web page': (socket) =>
    socket.end(answer('502 Bad Gateway', '<!doctype html><title>Bad gateway</title>', 'content-type: text/html\r\n')),
  'half a JSON document': (socket) => socket.end(answer('200 OK', '[{"AgentId":29')),
  'a web page': (socket) => socket.end(answer('200 OK', '<!doctype html><title>Log in</title>', 'content-type: text/html\r\n')),
  'wrong types': (socket) => socket.end(answer('200 OK', '"a text"')),
  'a body of 50 MB': flood,
  'another protocol': (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
} satisfies Record<string, (socket: Socket) => void>;

export type Fault = keyof typeof deeds | 'refused';
export const faults = ['refused', ...Object.keys(deeds)] as readonly Fault[];

/** Answers of a vendor that is there and says no. */
export type RejectingStatus = 'status 401' | 'status 403' | 'status 404';
const rejectingStatuses: readonly Fault[] = ['status 401', 'status 403', 'status 404'] satisfies RejectingStatus[];
/** The faults of a vendor, or a way to it, that is broken. */
export const breakages = faults.filter((fault): fault is Exclude<Fault, RejectingStatus> => !rejectingStatuses.includes(fault));

/** The faults that only a deadline ends. All others show at once, so that a long one costs nothing. */
export const hangs: readonly Fault[] = ['stall', 'stall mid-body', 'trickle of a header', 'trickle of a body'];

export interface FaultServer {
  url: string;
  /** Breaks every connection from now on, the open ones at once; null passes them on again. */
  set(fault: Fault | null): Promise<void>;
  /** The connections that are open now are reset once they are used again; new ones are passed on. */
  stale(): void;
  /** Connections that are open now. */
  open(): number;
  /** Requests that met a fault. */
  met(): number;
  /** The first lines of those requests, such as `GET /api/Agent/GetAll HTTP/1.1`. */
  receivedRequests: readonly string[];
  close(): Promise<void>;
}

const firstLineOf = (bytes: Buffer): string => bytes.toString('latin1').split('\r\n', 1)[0]!;

/** The state of a fault server. */
interface State {
  target: URL;
  fault: Fault | null;
  sockets: Set<Socket>;
  /** Connections that are reset once they are used again. */
  forgotten: WeakSet<Socket>;
  receivedRequests: string[];
  met: number;
}

const meet = (state: State, bytes: Buffer): void => {
  state.met += 1;
  state.receivedRequests.push(firstLineOf(bytes));
};

const passOn = (state: State, socket: Socket): void => {
  const { target, forgotten } = state;
  const onward = connect(Number(target.port), target.hostname);
  onward.on('error', () => socket.destroy());
  onward.once('close', () => socket.destroy());
  socket.once('close', () => onward.destroy());
  socket.on('data', (bytes) => {
    if (!forgotten.has(socket)) return void onward.write(bytes);
    meet(state, bytes);
    socket.resetAndDestroy();
  });
  socket.once('end', () => onward.end());
  onward.pipe(socket);
};

const accept = (state: State, socket: Socket): void => {
  const { sockets, fault } = state;
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => sockets.delete(socket));
  if (fault === null || fault === 'refused') {
    passOn(state, socket);
    return;
  }
  const deed = deeds[fault];
  socket.once('data', (bytes) => {
    meet(state, bytes);
    deed(socket);
  });
};

/** Listens on loopback and returns the port. */
const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

const drop = ({ sockets }: State): void => {
  for (const socket of sockets) socket.destroy();
};

const shut = (state: State, server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    drop(state);
  });

/** Listens on a free port, in front of `upstream`. */
export const startFaultServer = async (upstream: string): Promise<FaultServer> => {
  const state: State = {
    target: new URL(upstream),
    fault: null,
    sockets: new Set(),
    forgotten: new WeakSet(),
    receivedRequests: [],
    met: 0,
  };
  const server = createServer((socket) => accept(state, socket));
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    set: async (next) => {
      state.fault = next;
      drop(state);
      if (next === 'refused') await shut(state, server);
      else if (!server.listening) await listen(server, port);
      // The other side learns of the connections that are gone.
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    stale: () => {
      for (const socket of state.sockets) state.forgotten.add(socket);
    },
    open: () => state.sockets.size,
    met: () => state.met,
    receivedRequests: state.receivedRequests,
    close: () => shut(state, server),
  };
};
