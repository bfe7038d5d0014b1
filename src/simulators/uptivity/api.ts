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

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});

const notFound = ({ switches }: ApiOptions): Answer =>
  switches.errorBody === 'empty' ? { status: 404, headers: {}, body: '' } : { ...json({ Message: 'Agent not found.' }), status: 404 };

/** The agent as a node shows it, which may know of another blackout than the others do. */
const shown = ({ clock, switches, blackouts }: ApiOptions, agent: SimulatedAgent, node: number): SimulatedAgent => {
  if (switches.maskedRecordingState === 'Recording' || !blackouts[node]!.isMasked(agent.AgentId, clock.now())) return agent;
  return JSON.parse(JSON.stringify(agent), (key, value) =>
    key === 'RecordingState' && value === 'Recording' ? switches.maskedRecordingState : value,
  );
};

/** Given time, else receipt plus offset, else receipt; null for what is no time. */
const effectiveTime = ({ clock, switches }: ApiOptions, given: unknown, offset: unknown): number | null => {
  if (given !== undefined && given !== null && given !== '') return readDateTimeOffset(text(given), switches.timeZone);
  if (offset === undefined || offset === null || offset === '') return clock.now();
  const seconds = Number(offset);
  return Number.isInteger(seconds) ? clock.now() + seconds * 1000 : null;
};

interface BlackoutCommand {
  action: 'start' | 'stop';
  fields: Fields;
  /** The node that got it, and tells the others. */
  node: number;
}

const commandBlackout = (options: ApiOptions, { AgentId }: SimulatedAgent, { action, fields, node }: BlackoutCommand): 200 | 404 => {
  const { clock, switches, blackouts } = options;
  const atMs = effectiveTime(options, fields[`blackout${action}time`], fields.timeoffset);
  if (atMs === null) return 404;
  const done = blackouts[node]![action](AgentId, atMs, clock.now());
  blackouts.forEach((other, index) => {
    if (index === node) return;
    const tell = () => other[action](AgentId, atMs, clock.now());
    if (switches.propagationMs > 0) clock.after(switches.propagationMs, tell);
    else tell();
  });
  if (done) return 200;
  return action === 'start' ? switches.startAgain : switches.stopWithoutBlackout;
};

const blackoutActions: Readonly<Record<string, BlackoutCommand['action']>> = {
  '/api/blackout/startforagent': 'start',
  '/api/blackout/stopforagent': 'stop',
};

const listAgents = (options: ApiOptions, node: number): Answer => {
  const { agents } = options.tracker;
  return agents.length === 0 && options.switches.emptyGetAll === '404'
    ? notFound(options)
    : json(agents.map((agent) => shown(options, agent, node)));
};

/** The Recording API of one node: a request in, an answer out; the contract knows 200, 404 and 500 only. */
export const createApi =
  (options: ApiOptions) =>
  (request: ApiRequest, node: number): Answer => {
    const { method, path } = request;
    if (method === 'GET' && path === '/api/agent/getall') return listAgents(options, node);
    const isAgent = method === 'GET' && path === '/api/agent';
    const action = method === 'POST' ? blackoutActions[path] : undefined;
    const command = method === 'POST' ? options.commands[path] : undefined;
    if (!isAgent && !command && !action) return notFound(options);
    const fields = isAgent ? lowerKeys(request.query) : readBody(request.body);
    const agent = options.tracker.find(text(fields.agentidentifier), text(fields.value));
    if (!agent) return notFound(options);
    if (isAgent) return json(shown(options, agent, node));
    const status = command ? command(agent, fields) : commandBlackout(options, agent, { action: action!, fields, node });
    return status === 404 ? notFound(options) : { status, headers: {}, body: options.switches.commandBody };
  };
