/** Answers requests as the manual of `switches.version` says. */
import type { Clock } from '../../domain/ports/clock.ts';
import { type Answer, agentJson, busyJson, recordingJson, rules } from './answers.ts';
import type { ContactCenter, SimulatedAgent } from './contact-center.ts';
import type { Switches } from './switches.ts';

interface MiralixRequest {
  method: string;
  /** Decoded segments below the account. */
  path: readonly string[];
  query: URLSearchParams;
}

/** The context of the server's paths. */
interface SimulatedServer {
  contactCenter: ContactCenter;
  switches: Switches;
  clock: Clock;
}

const byType: Readonly<Record<string, (agent: SimulatedAgent) => string>> = {
  id: (agent) => String(agent.id),
  email: (agent) => agent.email,
  sipuri: (agent) => agent.sipUri,
  syncid: (agent) => agent.syncId,
};
const isInteger = (value: string): boolean => /^\d+$/.test(value);

/** ASP.NET reads the names of query parameters in any case. */
const parameter = (query: URLSearchParams, name: string): string | null =>
  [...query].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null;

const invalid = ({ switches }: SimulatedServer): Answer => ({ status: rules(switches).invalid });

interface Listing<T> {
  items: readonly T[];
  idOf(item: T): number;
  /** The id after which the list begins; null for all. */
  cursor: string | null;
  show?(item: T): unknown;
}

const listAfter = <T>(server: SimulatedServer, { items, idOf, cursor, show = (item) => item }: Listing<T>): Answer => {
  if (cursor !== null && !isInteger(cursor)) return invalid(server);
  return { status: 200, list: items.filter((item) => cursor === null || idOf(item) > Number(cursor)).map((item) => show(item)) };
};

interface Sought {
  type: string;
  value: string;
  /** Reads the number by which `id` finds; the agent's own when absent. */
  idOf?: (agent: SimulatedAgent) => string;
}

const find = (server: SimulatedServer, { type, value, idOf = byType.id! }: Sought): SimulatedAgent | Answer => {
  const isById = type.toLowerCase() === 'id';
  const field = isById ? idOf : byType[type.toLowerCase()];
  if (!field || (isById && !isInteger(value))) return invalid(server);
  const agents = [...server.contactCenter.agents.values()];
  return agents.find((agent) => field(agent).toLowerCase() === value.toLowerCase()) ?? { status: 404 };
};

/** Null for a state that the manual does not have. */
const inState = (agents: readonly SimulatedAgent[], query: URLSearchParams): readonly SimulatedAgent[] | null => {
  const state = (parameter(query, 'state') ?? 'loggedIn').toLowerCase();
  const wanted: Readonly<Record<string, (agent: SimulatedAgent) => boolean>> = {
    any: () => true,
    loggedin: (agent) => agent.loggedIn,
    loggedout: (agent) => !agent.loggedIn,
  };
  return wanted[state] ? agents.filter(wanted[state]) : null;
};

const overview = (server: SimulatedServer, query: URLSearchParams): Answer => {
  const { contactCenter, switches } = server;
  const filter = parameter(query, 'filter')?.toLowerCase();
  const values = parameter(query, 'values')?.split(',') ?? [];
  const filters: Readonly<Record<string, (agent: SimulatedAgent) => boolean>> = {
    ids: (agent) => values.includes(String(agent.id)),
    inqueue: (agent) => agent.queues.some((queue) => values.includes(String(queue))),
    tagsor: (agent) => agent.tags.some((tag) => values.includes(tag)),
    tagsand: (agent) => values.every((tag) => agent.tags.includes(tag)),
  };
  const keep = filter === undefined ? () => true : filters[filter];
  const numeric = filter === 'ids' || filter === 'inqueue';
  const agents = inState([...contactCenter.agents.values()], query);
  if (!keep || !agents || (filter !== undefined && values.length === 0) || (numeric && !values.every(isInteger))) return invalid(server);
  return { status: 200, list: agents.filter(keep).map((agent) => agentJson(agent, contactCenter, switches)) };
};

/** The call-control methods, by the last part of their path. */
const controls: Readonly<Record<string, (contactCenter: ContactCenter, agent: number, endpoint: string | null) => unknown>> = {
  answer: (contactCenter, agent) => contactCenter.answer(agent),
  pickup: (contactCenter, agent) => contactCenter.answer(agent),
  clear: (contactCenter, agent) => contactCenter.clear(agent),
  alternate: (contactCenter, agent) => contactCenter.alternate(agent),
  consultation: (contactCenter, agent, endpoint) => contactCenter.consult(agent, endpoint!),
  transfer: (contactCenter, agent) => contactCenter.transfer(agent, null),
  singlesteptransfer: (contactCenter, agent, endpoint) => contactCenter.transfer(agent, endpoint!),
};

const control = ({ contactCenter, switches, clock }: SimulatedServer, agent: SimulatedAgent, { path, query }: MiralixRequest): Answer => {
  const endpoint = parameter(query, 'ContactEndpoint');
  const name = (path[4] ?? '').toLowerCase();
  if (!Object.hasOwn(controls, name)) return { status: 404 };
  // A plus that was not encoded has become a space.
  if (['consultation', 'singlesteptransfer'].includes(name) && !/^(\+?\d+|sip:\S+)$/.test(endpoint ?? '')) return { status: 400 };
  if (!agent.loggedIn) return { status: 404 };
  const act = () => controls[name]!(contactCenter, agent.id, endpoint);
  if (switches.clientDelayMs > 0) clock.after(switches.clientDelayMs, act);
  else act();
  return { status: 200 };
};

const ofAgent = (server: SimulatedServer, request: MiralixRequest): Answer => {
  const { contactCenter, switches } = server;
  const { method, path, query } = request;
  const [, type = '', value = '', what = ''] = path;
  const agent = find(server, { type, value });
  if ('status' in agent) return agent;
  if (method === 'PUT') return what === 'call' ? control(server, agent, request) : { status: 404 };
  if (what === 'recordings') {
    return listAfter(server, {
      items: contactCenter.recordings.filter((recording) => recording.AgentId === String(agent.id)),
      idOf: (item) => item.QueueCallId,
      cursor: rules(switches).cursor ? parameter(query, 'fromQueueCallId') : null,
      show: (item) => recordingJson(item, switches),
    });
  }
  if (what === 'busycall') {
    const busy = busyJson(agent, contactCenter);
    return !agent.loggedIn ? { status: 404 } : busy ? { status: 200, json: busy } : { status: 200 };
  }
  const queues = agent.queues.map((id) => ({ Id: id, Name: contactCenter.queues.get(id) }));
  return what === 'roles' ? { status: 200, list: [{ Id: 1, Name: 'Agent', Queues: queues }] } : { status: 404 };
};

const ofUser = (server: SimulatedServer, { path, query }: MiralixRequest): Answer => {
  const [, type = '', value = '', what = ''] = path;
  const user = find(server, { type, value, idOf: (agent) => String(agent.userId) });
  if ('status' in user) return user;
  if (what !== 'recordings' || !rules(server.switches).userRecordings) return { status: 404 };
  return listAfter(server, {
    items: server.contactCenter.direct.filter((call) => call.UserId === String(user.userId)),
    idOf: (call) => call.Id,
    cursor: parameter(query, 'fromCallId'),
    show: (call) => ({ ...call, UserId: user.userId }),
  });
};

const ofQueue = (server: SimulatedServer, id: number, { path, query }: MiralixRequest): Answer => {
  const { contactCenter, switches } = server;
  if (!contactCenter.queues.has(id)) return { status: 404 };
  if (path[2] === 'agents') {
    const members = [...contactCenter.agents.values()].filter((agent) => agent.queues.includes(id));
    const agents = inState(members, query);
    return agents ? { status: 200, list: agents.map((agent) => agentJson(agent, contactCenter, switches)) } : invalid(server);
  }
  if (path[2] !== 'calls' || path[3] !== 'recordings') return { status: 404 };
  return listAfter(server, {
    items: contactCenter.recordings.filter((recording) => recording.QueueId === String(id)),
    idOf: (item) => item.QueueCallId,
    cursor: parameter(query, 'fromQueueCallId'),
    show: (item) => recordingJson(item, { ...switches, version: '7.2' }),
  });
};

const ofQueues = (server: SimulatedServer, request: MiralixRequest): Answer => {
  const { contactCenter, switches } = server;
  const { path } = request;
  if (!switches.queueMethods) return { status: 404 };
  if (path.length === 1) return { status: 200, list: [...contactCenter.queues].map(([Id, Name]) => ({ Id, Name })) };
  if (path[1] === 'calls' && path[2] === 'recordings') {
    const bytes = contactCenter.media.get(Number(path[3]));
    return bytes ? { status: 200, bytes } : { status: 404 };
  }
  return isInteger(path[1]!) ? ofQueue(server, Number(path[1]), request) : invalid(server);
};

export const createApi =
  (server: SimulatedServer) =>
  (request: MiralixRequest): Answer => {
    if (!server.switches.licensed && rules(server.switches).licences) return { status: 403 };
    const [entityType] = request.path;
    if (entityType === 'agents' && request.path.length > 1) return ofAgent(server, request);
    if (request.method !== 'GET') return { status: 405 };
    if (entityType === 'agents') return overview(server, request.query);
    if (entityType === 'users') return ofUser(server, request);
    return entityType === 'queues' ? ofQueues(server, request) : { status: 404 };
  };
