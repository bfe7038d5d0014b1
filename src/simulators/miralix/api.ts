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

/** Answers a request as the manual of `switches.version` says. */
export const createRoutes = (contactCenter: ContactCenter, switches: Switches, clock: Clock) => {
  const invalid = (): Answer => ({ status: rules(switches).invalid });
  const after = <T>(items: readonly T[], idOf: (item: T) => number, cursor: string | null): Answer => {
    if (cursor !== null && !isInteger(cursor)) return invalid();
    return { status: 200, list: items.filter((item) => cursor === null || idOf(item) > Number(cursor)) };
  };

  const find = (type: string, value: string, idOf = byType.id!): SimulatedAgent | Answer => {
    const field = type.toLowerCase() === 'id' ? idOf : byType[type.toLowerCase()];
    if (!field || (type.toLowerCase() === 'id' && !isInteger(value))) return invalid();
    return [...contactCenter.agents.values()].find((agent) => field(agent).toLowerCase() === value.toLowerCase()) ?? { status: 404 };
  };

  const inState = (agents: readonly SimulatedAgent[], query: URLSearchParams): readonly SimulatedAgent[] | null => {
    const state = (parameter(query, 'state') ?? 'loggedIn').toLowerCase();
    const wanted: Readonly<Record<string, (agent: SimulatedAgent) => boolean>> = {
      any: () => true,
      loggedin: (agent) => agent.loggedIn,
      loggedout: (agent) => !agent.loggedIn,
    };
    return wanted[state] ? agents.filter(wanted[state]) : null;
  };

  const overview = (query: URLSearchParams): Answer => {
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
    if (!keep || !agents || (filter !== undefined && values.length === 0) || (numeric && !values.every(isInteger))) return invalid();
    return { status: 200, list: agents.filter(keep).map((agent) => agentJson(agent, contactCenter, switches)) };
  };

  const control = (agent: SimulatedAgent, action: string, query: URLSearchParams): Answer => {
    const endpoint = parameter(query, 'ContactEndpoint');
    const actions: Readonly<Record<string, () => unknown>> = {
      answer: () => contactCenter.answer(agent.id),
      pickup: () => contactCenter.answer(agent.id),
      clear: () => contactCenter.clear(agent.id),
      alternate: () => contactCenter.alternate(agent.id),
      consultation: () => contactCenter.consult(agent.id, endpoint!),
      transfer: () => contactCenter.transfer(agent.id, null),
      singlesteptransfer: () => contactCenter.transfer(agent.id, endpoint!),
    };
    const name = action.toLowerCase();
    if (!Object.hasOwn(actions, name)) return { status: 404 };
    // A plus that was not encoded has become a space.
    if (['consultation', 'singlesteptransfer'].includes(name) && !/^(\+?\d+|sip:\S+)$/.test(endpoint ?? '')) return { status: 400 };
    if (!agent.loggedIn) return { status: 404 };
    if (switches.clientDelayMs > 0) clock.after(switches.clientDelayMs, () => actions[name]!());
    else actions[name]!();
    return { status: 200 };
  };

  const ofAgent = ({ method, path, query }: MiralixRequest): Answer => {
    const [, type = '', value = '', what = '', action = ''] = path;
    const agent = find(type, value);
    if ('status' in agent) return agent;
    if (method === 'PUT') return what === 'call' ? control(agent, action, query) : { status: 404 };
    if (what === 'recordings') {
      const handled = contactCenter.recordings.filter((recording) => recording.AgentId === String(agent.id));
      const listed = after(handled, (item) => item.QueueCallId, rules(switches).cursor ? parameter(query, 'fromQueueCallId') : null);
      return listed.list ? { ...listed, list: (listed.list as typeof handled).map((item) => recordingJson(item, switches)) } : listed;
    }
    if (what === 'busycall') {
      const busy = busyJson(agent, contactCenter);
      return !agent.loggedIn ? { status: 404 } : busy ? { status: 200, json: busy } : { status: 200 };
    }
    const queues = agent.queues.map((id) => ({ Id: id, Name: contactCenter.queues.get(id) }));
    return what === 'roles' ? { status: 200, list: [{ Id: 1, Name: 'Agent', Queues: queues }] } : { status: 404 };
  };

  const ofUser = ({ path, query }: MiralixRequest): Answer => {
    const [, type = '', value = '', what = ''] = path;
    const user = find(type, value, (agent) => String(agent.userId));
    if ('status' in user) return user;
    if (what !== 'recordings' || !rules(switches).userRecordings) return { status: 404 };
    const calls = contactCenter.direct
      .filter((call) => call.UserId === String(user.userId))
      .map((call) => ({ ...call, UserId: user.userId }));
    return after(calls, (call) => call.Id, parameter(query, 'fromCallId'));
  };

  const ofQueues = ({ path, query }: MiralixRequest): Answer => {
    if (!switches.queueMethods) return { status: 404 };
    if (path.length === 1) return { status: 200, list: [...contactCenter.queues].map(([Id, Name]) => ({ Id, Name })) };
    if (path[1] === 'calls' && path[2] === 'recordings') {
      const bytes = contactCenter.media.get(Number(path[3]));
      return bytes ? { status: 200, bytes } : { status: 404 };
    }
    if (!isInteger(path[1]!)) return invalid();
    const id = Number(path[1]);
    if (!contactCenter.queues.has(id)) return { status: 404 };
    if (path[2] === 'agents') {
      const agents = inState(
        [...contactCenter.agents.values()].filter((agent) => agent.queues.includes(id)),
        query,
      );
      return agents ? { status: 200, list: agents.map((agent) => agentJson(agent, contactCenter, switches)) } : invalid();
    }
    if (path[2] !== 'calls' || path[3] !== 'recordings') return { status: 404 };
    const calls = contactCenter.recordings
      .filter((recording) => recording.QueueId === String(id))
      .map((item) => recordingJson(item, { ...switches, version: '7.2' }));
    return after(calls, (item) => item.QueueCallId, parameter(query, 'fromQueueCallId'));
  };

  return (request: MiralixRequest): Answer => {
    if (!switches.licensed && rules(switches).licences) return { status: 403 };
    const [entityType] = request.path;
    if (entityType === 'agents' && request.path.length > 1) return ofAgent(request);
    if (request.method !== 'GET') return { status: 405 };
    if (entityType === 'agents') return overview(request.query);
    if (entityType === 'users') return ofUser(request);
    return entityType === 'queues' ? ofQueues(request) : { status: 404 };
  };
};
