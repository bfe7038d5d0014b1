import {
  type CallContext,
  createEmptyListGuard,
  ExpectedError,
  readJson,
  type SourceHealth,
  type VendorClock,
  type VendorRequest,
  type VendorResponse,
} from '../kit/index.ts';
import { type AgentList, createAgentListReader, isEmptyList, nobody } from './agent-list.ts';
import { createNodes } from './nodes.ts';
import type { UptivitySettings } from './settings.ts';
import { agentAnswer, type WireAgent, type WireAgentIdentifier, type WireCommand } from './wire.ts';

/** The commands' paths below `/api`. */
export type CommandPath =
  | `Record/${'Start' | 'Stop' | 'Update' | 'StartDuplicate' | 'StopDuplicate'}ForAgent`
  | `ScreenRecord/${'Start' | 'Stop' | 'Update'}ForAgent`
  | `Blackout/${'Start' | 'Stop'}ForAgent`;

export interface UptivityClient {
  /** Agent Status; null where the vendor's tracker holds no such agent. */
  agent(identifier: WireAgentIdentifier, value: string, signal: AbortSignal): Promise<WireAgent | null>;
  /** Agent List; empty where the vendor answers 404, nothing or an empty list, as it may while its tracker is: after a filled list, the second time. */
  allAgents(signal: AbortSignal): Promise<AgentList>;
  /** Sends a command: `ok` for any 2xx whose body is no web page, and `notFound` for the 404 that may mean several things. */
  command(path: CommandPath, body: WireCommand, signal: AbortSignal): Promise<'ok' | 'notFound'>;
  /** How far the vendor's clock is from this server's. */
  clock(): VendorClock;
  health(): SourceHealth;
  /** Holds a problem against the source's health until it is null. */
  noteProblem(message: string | null, about: string): void;
  close(): Promise<void>;
}

const authHeaders = (auth: UptivitySettings['auth']): Record<string, string> => {
  switch (auth.type) {
    case 'none':
      return {};
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64')}` };
    case 'headers':
      return auth.headers;
  }
};

/** A proxy's log-in page comes with status 200 too, and a web server's 404 page is no answer of the Recording API. */
const isWebPage = (text: string): boolean => /^\s*(<!doctype html|<html|<\?xml)/i.test(text);

/** The API's own 404 says nothing or JSON: ASP.NET has these words for an address without a controller, other servers say some of their own. */
const isNoRoute = (text: string, operation: string): boolean =>
  text.includes('No HTTP resource was found') || (operation === 'GetAll' && !/^\s*($|["[{]|null\s*$)/.test(text));

/** The problem that lasts until an answer in which every agent can be read. */
const unreadAgents = 'agents that cannot be read';

/** Does no more when it comes twice: a start keeps the first start, an update writes the same. An offset counts from each receipt anew. */
const mayRepeat = (path: CommandPath, body: WireCommand): boolean =>
  path.includes('/Update') || (path.startsWith('Blackout/') && body.TimeOffset === undefined);

/** The API servers of one source, and what its last list of agents was. */
interface RecordingApi {
  source: string;
  nodes: ReturnType<typeof createNodes>;
  headers: Readonly<Record<string, string>>;
  readList: ReturnType<typeof createAgentListReader>;
  refuseIfDoubtful: ReturnType<typeof createEmptyListGuard>;
  last: AgentList;
}

/** Null for 2xx and the API's own 404; the contract knows no other 4xx, but a server or a proxy in front of it does. */
const refusalOf = (source: string, operation: string, { status, text }: VendorResponse): string | null => {
  if (status === 404 && isWebPage(text)) {
    return `${source}: ${operation} was answered with a web page (HTTP 404); check the source's baseUrl.`;
  }
  if (status === 404 && isNoRoute(text, operation)) {
    return `${source}: ${operation} is an address that the server does not have (HTTP 404); check the source's baseUrl.`;
  }
  if ((status >= 200 && status < 300) || status === 404) return null;
  if (status === 401 || status === 403) {
    return `${source}: ${operation} was refused with HTTP ${status}; check the source's auth settings.`;
  }
  return `${source}: ${operation} was answered with HTTP ${status}, which the Recording API does not use; check the source's baseUrl.`;
};

const send = ({ nodes, source }: RecordingApi, request: VendorRequest, mayRepeat: boolean): Promise<VendorResponse> =>
  nodes.request({ request, mayRepeat, refusalOf: (response) => refusalOf(source, request.operation, response) });

const read = (api: RecordingApi, request: Pick<VendorRequest, 'operation' | 'path' | 'signal'>): Promise<VendorResponse> =>
  send(api, { ...request, method: 'GET', headers: api.headers }, true);

const readAgent = async (
  api: RecordingApi,
  { identifier, value }: { identifier: WireAgentIdentifier; value: string },
  signal: AbortSignal,
): Promise<WireAgent | null> => {
  const { source, nodes } = api;
  const query = new URLSearchParams({ agentIdentifier: identifier, value });
  const { status, text } = await read(api, { operation: 'Agent', path: `/api/Agent?${query}`, signal });
  return nodes.checked(() => (status === 404 || status === 204 ? null : readJson(agentAnswer, text, source, 'Agent')));
};

const readAllAgents = async (api: RecordingApi, signal: AbortSignal): Promise<AgentList> => {
  const { nodes } = api;
  const { status, text, digest } = await read(api, { operation: 'GetAll', path: '/api/Agent/GetAll', signal });
  // Another answer may have come meanwhile.
  const { last } = api;
  const isEmpty = status === 404 || status === 204 || isEmptyList(text);
  nodes.checked(() => api.refuseIfDoubtful(isEmpty, status));
  const bytes = digest();
  if (isEmpty) {
    nodes.noteProblem(null, unreadAgents);
    api.last = nobody;
  } else if (bytes !== last.digest) {
    const { list, problem } = nodes.checked(() => api.readList({ text, digest: bytes, before: last }));
    nodes.noteProblem(problem, unreadAgents);
    api.last = list;
  } else if (last.unread.length === 0) nodes.noteProblem(null);
  return api.last;
};

const sendCommand = async (
  api: RecordingApi,
  { path, body }: { path: CommandPath; body: WireCommand },
  signal: AbortSignal,
): Promise<'ok' | 'notFound'> => {
  const request: VendorRequest = {
    operation: path,
    method: 'POST',
    path: `/api/${path}`,
    headers: { ...api.headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    signal,
  };
  const { status, text } = await send(api, request, mayRepeat(path, body));
  if (status !== 404 && isWebPage(text)) {
    const message = `${api.source}: ${path} was answered with a web page, so its outcome is unknown; check the source's baseUrl and auth.`;
    api.nodes.noteProblem(message);
    throw new ExpectedError('VENDOR_UNAVAILABLE', message);
  }
  return status === 404 ? 'notFound' : 'ok';
};

export const createUptivityClient = (settings: UptivitySettings, context: CallContext): UptivityClient => {
  const nodes = createNodes(settings, context);
  const api: RecordingApi = {
    source: settings.name,
    nodes,
    headers: { accept: 'application/json', ...authHeaders(settings.auth) },
    readList: createAgentListReader(settings.name),
    refuseIfDoubtful: createEmptyListGuard(settings.name, 'GetAll'),
    last: nobody,
  };
  return {
    agent: (identifier, value, signal) => readAgent(api, { identifier, value }, signal),
    allAgents: (signal) => readAllAgents(api, signal),
    command: (path, body, signal) => sendCommand(api, { path, body }, signal),
    clock: nodes.clock,
    health: nodes.health,
    noteProblem: nodes.noteProblem,
    close: nodes.close,
  };
};
