import type { Clock } from '../../domain/ports/clock.ts';
import type { SimulatedAgent } from './agent.ts';
import type { Blackouts } from './blackouts.ts';
import type { Command } from './commands.ts';
import type { Answer } from './faults.ts';
import { readDateTimeOffset } from './recorder-time.ts';
import type { UptivitySwitches } from './switches.ts';
import type { Tracker } from './tracker.ts';

export interface ApiRequest {
  method: string;
  /** Below the base URL, in lower case, without query. */
  path: string;
  query: URLSearchParams;
  body: string;
}

export interface ApiOptions {
  clock: Clock;
  switches: UptivitySwitches;
  tracker: Tracker;
  commands: Readonly<Record<string, Command>>;
  /** One a node, the answering node's own included. */
  blackouts: readonly Blackouts[];
}

type Fields = Readonly<Record<string, unknown>>;

const lowerKeys = (entries: Iterable<readonly [string, unknown]>): Fields =>
  Object.fromEntries([...entries].map(([key, value]) => [key.toLowerCase(), value]));

const readBody = (text: string): Fields => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? lowerKeys(Object.entries(value)) : {};
  } catch {
    return {};
  }
};

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** The Recording API of one node: a request in, an answer out; the contract knows 200, 404 and 500 only. */
export const createApi = ({ clock, switches, tracker, commands, blackouts }: ApiOptions) => {
  const json = (value: unknown): Answer => ({
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  });
  const notFound = (): Answer =>
    switches.errorBody === 'empty' ? { status: 404, headers: {}, body: '' } : { ...json({ Message: 'Agent not found.' }), status: 404 };

  const shown = (agent: SimulatedAgent, node: number): SimulatedAgent => {
    if (switches.maskedRecordingState === 'Recording' || !blackouts[node]!.isMasked(agent.AgentId, clock.now())) return agent;
    return JSON.parse(JSON.stringify(agent), (key, value) =>
      key === 'RecordingState' && value === 'Recording' ? switches.maskedRecordingState : value,
    );
  };

  /** Given time, else receipt plus offset, else receipt; null for what is no time. */
  const effectiveTime = (given: unknown, offset: unknown): number | null => {
    if (given !== undefined && given !== null && given !== '') return readDateTimeOffset(text(given), switches.timeZone);
    if (offset === undefined || offset === null || offset === '') return clock.now();
    const seconds = Number(offset);
    return Number.isInteger(seconds) ? clock.now() + seconds * 1000 : null;
  };

  const blackout = (agent: SimulatedAgent, fields: Fields, action: 'start' | 'stop', node: number): 200 | 404 => {
    const atMs = effectiveTime(fields[`blackout${action}time`], fields.timeoffset);
    if (atMs === null) return 404;
    const done = blackouts[node]![action](agent.AgentId, atMs, clock.now());
    blackouts.forEach((other, index) => {
      if (index === node) return;
      const tell = () => other[action](agent.AgentId, atMs, clock.now());
      if (switches.propagationMs > 0) clock.after(switches.propagationMs, tell);
      else tell();
    });
    if (done) return 200;
    return action === 'start' ? switches.startAgain : switches.stopWithoutBlackout;
  };

  return (request: ApiRequest, node: number): Answer => {
    const { method, path } = request;
    if (method === 'GET' && path === '/api/agent/getall') {
      if (tracker.agents.length === 0 && switches.emptyGetAll === '404') return notFound();
      return json(tracker.agents.map((agent) => shown(agent, node)));
    }
    const isAgent = method === 'GET' && path === '/api/agent';
    const blackoutAction = { '/api/blackout/startforagent': 'start', '/api/blackout/stopforagent': 'stop' }[path] as
      | 'start'
      | 'stop'
      | undefined;
    const command = method === 'POST' ? commands[path] : undefined;
    if (!isAgent && !command && !(method === 'POST' && blackoutAction)) return notFound();
    const fields = isAgent ? lowerKeys(request.query) : readBody(request.body);
    const agent = tracker.find(text(fields.agentidentifier), text(fields.value));
    if (!agent) return notFound();
    if (isAgent) return json(shown(agent, node));
    const status = command ? command(agent, fields) : blackout(agent, fields, blackoutAction!, node);
    return status === 404 ? notFound() : { status, headers: {}, body: switches.commandBody };
  };
};
