import {
  type CallContext,
  createEmptyListGuard,
  createListReader,
  ExpectedError,
  readJson,
  type SourceHealth,
  type VendorClock,
  type VendorRequest,
  type VendorResponse,
} from '../kit/index.ts';
import { createNodes } from './nodes.ts';
import type { UptivitySettings } from './settings.ts';
import {
  agentAnswer,
  agentIdentity,
  agentListAnswer,
  listedAgent,
  type WireAgent,
  type WireAgentIdentifier,
  type WireCommand,
} from './wire.ts';

/** The commands' paths below `/api`. */
export type CommandPath =
  | `Record/${'Start' | 'Stop' | 'Update' | 'StartDuplicate' | 'StopDuplicate'}ForAgent`
  | `ScreenRecord/${'Start' | 'Stop' | 'Update'}ForAgent`
  | `Blackout/${'Start' | 'Stop'}ForAgent`;

export interface AgentList {
  /** The entries that can be read. Those of one agent, who may have several, are in the vendor's order. */
  agents: readonly WireAgent[];
  /**
   * Ids of agents with an entry that cannot be read; none of their entries is in `agents`. Where an entry has no id, of those whom the list before
   * had, too.
   */
  unread: readonly string[];
  /** Equal for answers of the same bytes. */
  digest: string | null;
}

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

const isEmptyList = (text: string): boolean => /^\ufeff?\s*(\[\s*\]|null)\s*$/.test(text);

/** Does no more when it comes twice: a start keeps the first start, an update writes the same. An offset counts from each receipt anew. */
const mayRepeat = (path: CommandPath, body: WireCommand): boolean =>
  path.includes('/Update') || (path.startsWith('Blackout/') && body.TimeOffset === undefined);

const nobody: AgentList = { agents: [], unread: [], digest: null };

export const createUptivityClient = (settings: UptivitySettings, context: CallContext): UptivityClient => {
  const { name } = settings;
  const nodes = createNodes(settings, context);
  const headers = { accept: 'application/json', ...authHeaders(settings.auth) };

  /** Null for 2xx and the API's own 404; the contract knows no other 4xx, but a server or a proxy in front of it does. */
  const refusalOf =
    (operation: string) =>
    ({ status, text }: VendorResponse): string | null => {
      if (status === 404 && isWebPage(text)) {
        return `${name}: ${operation} was answered with a web page (HTTP 404); check the source's baseUrl.`;
      }
      if (status === 404 && isNoRoute(text, operation)) {
        return `${name}: ${operation} is an address that the server does not have (HTTP 404); check the source's baseUrl.`;
      }
      if ((status >= 200 && status < 300) || status === 404) return null;
      if (status === 401 || status === 403) {
        return `${name}: ${operation} was refused with HTTP ${status}; check the source's auth settings.`;
      }
      return `${name}: ${operation} was answered with HTTP ${status}, which the Recording API does not use; check the source's baseUrl.`;
    };

  const send = (request: VendorRequest, mayRepeat: boolean): Promise<VendorResponse> =>
    nodes.request(request, mayRepeat, refusalOf(request.operation));

  const read = (request: Pick<VendorRequest, 'operation' | 'path' | 'signal'>): Promise<VendorResponse> =>
    send({ ...request, method: 'GET', headers }, true);

  const readEntries = createListReader(listedAgent);

  /** An entry that cannot be read spoils no other agent, unless there is none. */
  const readList = (text: string, digest: string): AgentList => {
    const items = readJson(agentListAnswer, { text, source: name, operation: 'GetAll' }) ?? [];
    const results = readEntries(items);
    const bad = results.findIndex(({ success }) => !success);
    const read = results.flatMap((result) => (result.success ? [result.data] : []));
    if (bad < 0) {
      nodes.noteProblem(null, unreadAgents);
      return { agents: read, unread: [], digest };
    }
    const where = [bad, ...(results[bad]!.error?.issues[0]?.path ?? [])].join('.');
    const problem = `${name}: the answer to GetAll is not of the documented shape (at ${where})`;
    if (read.length === 0) throw new ExpectedError('VENDOR_UNAVAILABLE', `${problem}.`, { cause: results[bad]!.error });
    nodes.noteProblem(`${problem}; the ${read.length} agents that can be read are shown.`, unreadAgents);
    const ids = items.flatMap((item, index) => (results[index]!.success ? [] : [agentIdentity.safeParse(item).data?.AgentId ?? null]));
    const listed = new Set(read.map(({ AgentId }) => AgentId));
    const before = [...last.agents.map(({ AgentId }) => AgentId), ...last.unread];
    const missing = ids.includes(null) ? before.filter((id) => !listed.has(id)) : [];
    const unread = new Set([...ids.filter((id) => id !== null), ...missing]);
    return { agents: read.filter(({ AgentId }) => !unread.has(AgentId)), unread: [...unread], digest };
  };

  let last: AgentList = nobody;
  const refuseIfDoubtful = createEmptyListGuard(name, 'GetAll');

  return {
    agent: async (identifier, value, signal) => {
      const query = new URLSearchParams({ agentIdentifier: identifier, value });
      const { status, text } = await read({ operation: 'Agent', path: `/api/Agent?${query}`, signal });
      return nodes.checked(() =>
        status === 404 || status === 204 ? null : readJson(agentAnswer, { text, source: name, operation: 'Agent' }),
      );
    },
    allAgents: async (signal) => {
      const { status, text, digest } = await read({ operation: 'GetAll', path: '/api/Agent/GetAll', signal });
      const isEmpty = status === 404 || status === 204 || isEmptyList(text);
      nodes.checked(() => refuseIfDoubtful(isEmpty, status));
      const bytes = digest();
      if (isEmpty) {
        nodes.noteProblem(null, unreadAgents);
        last = nobody;
      } else if (bytes !== last.digest) last = nodes.checked(() => readList(text, bytes));
      else if (last.unread.length === 0) nodes.noteProblem(null);
      return last;
    },
    command: async (path, body, signal) => {
      const request: VendorRequest = {
        operation: path,
        method: 'POST',
        path: `/api/${path}`,
        headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
        signal,
      };
      const { status, text } = await send(request, mayRepeat(path, body));
      if (status !== 404 && isWebPage(text)) {
        const message = `${name}: ${path} was answered with a web page, so its outcome is unknown; check the source's baseUrl and auth.`;
        nodes.noteProblem(message);
        throw new ExpectedError('VENDOR_UNAVAILABLE', message);
      }
      return status === 404 ? 'notFound' : 'ok';
    },
    clock: nodes.clock,
    health: nodes.health,
    noteProblem: nodes.noteProblem,
    close: nodes.close,
  };
};
