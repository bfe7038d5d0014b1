import {
  createVendorApi,
  ExpectedError,
  readJson,
  type SourceHealth,
  sameJson,
  type VendorContext,
  type VendorRequest,
  type VendorResponse,
} from '../kit/index.ts';
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

type ListedAgent = ReturnType<typeof listedAgent.safeParse>;

interface LastList {
  text: string;
  items: readonly unknown[];
  results: readonly ListedAgent[];
  list: AgentList;
  problem: string | null;
}

/** The same object again where the vendor's answer says what its last one did. */
export interface AgentList {
  /** An agent that is shown as in the last answer is the same object again. */
  agents: readonly WireAgent[];
  /** Ids of agents that are listed in a way that cannot be read. */
  unread: readonly string[];
}

export interface UptivityClient {
  /** Agent Status; null where the vendor's tracker holds no such agent. */
  agent(identifier: WireAgentIdentifier, value: string, signal: AbortSignal): Promise<WireAgent | null>;
  /** Agent List; empty where the vendor answers 404 or without content, as it may while its tracker is. */
  allAgents(signal: AbortSignal): Promise<AgentList>;
  /** Sends a command once: `ok` for any 2xx whose body is no web page, and `notFound` for the 404 that may mean several things. */
  command(path: CommandPath, body: WireCommand, signal: AbortSignal): Promise<'ok' | 'notFound'>;
  health(): SourceHealth;
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

/** A proxy's log-in page comes with status 200 too, and is no yes. */
const isWebPage = (text: string): boolean => /^\s*<(!doctype html|html)/i.test(text);

/** The problem that lasts until an answer in which every agent can be read. */
const unreadAgents = 'agents that cannot be read';

export const createUptivityClient = (
  settings: UptivitySettings,
  context: Pick<VendorContext, 'clock' | 'measure' | 'meter'>,
): UptivityClient => {
  const http = createVendorApi(
    {
      source: settings.name,
      baseUrl: settings.baseUrl,
      timeoutMs: settings.timeoutSeconds * 1000,
      maxConcurrency: settings.maxConcurrency,
      circuit: settings.circuit,
      caFile: settings.caFile,
    },
    context,
  );
  const headers = { accept: 'application/json', ...authHeaders(settings.auth) };

  const refuse = (message: string, status: number): never => {
    http.noteProblem(message);
    throw new ExpectedError('VENDOR_REJECTED', message, { vendorCode: String(status) });
  };

  /** Passes 2xx and 404; the contract knows no other 4xx, but a server or a proxy in front of it does. */
  const checked = (response: VendorResponse, operation: string): VendorResponse => {
    const { status } = response;
    if ((status >= 200 && status < 300) || status === 404) return response;
    if (status === 401 || status === 403) {
      return refuse(`${settings.name}: ${operation} was refused with HTTP ${status}; check the source's auth settings.`, status);
    }
    return refuse(
      `${settings.name}: ${operation} was answered with HTTP ${status}, which the Recording API does not use; check the source's baseUrl.`,
      status,
    );
  };

  const read = async (request: Pick<VendorRequest, 'operation' | 'path' | 'signal'>): Promise<VendorResponse> => {
    const response = checked(await http.request({ ...request, method: 'GET', headers }), request.operation);
    return response.text.startsWith('\uFEFF') ? { ...response, text: response.text.slice(1) } : response;
  };

  /** An answer that cannot be read is held against the source's health until one that can. */
  const understood = <T>(readAnswer: () => T): T => {
    try {
      const answer = readAnswer();
      http.noteProblem(null);
      return answer;
    } catch (error) {
      if (error instanceof ExpectedError) http.noteProblem(error.message);
      throw error;
    }
  };

  /** An agent that cannot be read spoils no other, unless there is no other. */
  const readList = (items: readonly unknown[], results: readonly ListedAgent[]): AgentList & { problem: string | null } => {
    const agents = results.flatMap((result) => (result.success ? [result.data] : []));
    const bad = results.findIndex(({ success }) => !success);
    if (bad < 0) return { agents, unread: [], problem: null };
    const where = [bad, ...(results[bad]!.error?.issues[0]?.path ?? [])].join('.');
    const problem = `${settings.name}: the answer to GetAll is not of the documented shape (at ${where})`;
    if (agents.length === 0) throw new ExpectedError('VENDOR_UNAVAILABLE', `${problem}.`, { cause: results[bad]!.error });
    const ids = items.flatMap((item, place) => (results[place]!.success ? [] : [agentIdentity.safeParse(item).data?.AgentId ?? []].flat()));
    const unread = ids.filter((id) => !agents.some(({ AgentId }) => AgentId === id));
    return { agents, unread, problem: `${problem}; the ${agents.length} agents that can be read are shown.` };
  };

  const nobody: AgentList = { agents: [], unread: [] };
  let last: LastList | null = null;

  /** Most answers are word for word the one before, and most of another says what that one said, in its place: only what differs is read. */
  const readChanges = (text: string): LastList => {
    const before = last;
    if (text === before?.text) return before;
    const items = readJson(agentListAnswer, text, settings.name, 'GetAll') ?? [];
    const stays = items.map((item, place) => before !== null && place < before.items.length && sameJson(before.items[place], item));
    if (before !== null && items.length === before.items.length && !stays.includes(false)) return { ...before, text };
    const results = items.map((item, place) => (stays[place] ? before!.results[place]! : listedAgent.safeParse(item)));
    const { problem, ...list } = readList(items, results);
    return { text, items, results, list, problem };
  };

  return {
    agent: async (identifier, value, signal) => {
      const query = new URLSearchParams({ agentIdentifier: identifier, value });
      const response = await read({ operation: 'Agent', path: `/api/Agent?${query}`, signal });
      return understood(() =>
        response.status === 404 || response.status === 204 ? null : readJson(agentAnswer, response.text, settings.name, 'Agent'),
      );
    },
    allAgents: async (signal) => {
      const response = await read({ operation: 'GetAll', path: '/api/Agent/GetAll', signal });
      if (response.status === 404 || response.status === 204) {
        http.noteProblem(null, unreadAgents);
        return understood(() => nobody);
      }
      last = understood(() => readChanges(response.text));
      http.noteProblem(last.problem, unreadAgents);
      return last.list;
    },
    command: async (path, body, signal) => {
      const response = await http.request({
        operation: path,
        method: 'POST',
        path: `/api/${path}`,
        headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
        signal,
      });
      const { status } = checked(response, path);
      if (status !== 404 && isWebPage(response.text)) {
        const message = `${settings.name}: ${path} was answered with a web page, so it is not known whether it was carried out; check the source's baseUrl and auth.`;
        http.noteProblem(message);
        throw new ExpectedError('VENDOR_UNAVAILABLE', message);
      }
      return status === 404 ? 'notFound' : 'ok';
    },
    health: http.health,
    close: http.close,
  };
};
