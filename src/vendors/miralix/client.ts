import {
  apiOptions,
  createEmptyListGuard,
  createVendorApi,
  headerOf,
  type JsonRequest,
  type SourceHealth,
  type VendorApi,
  type VendorClock,
  type VendorContext,
  type VendorStream,
  withoutEnding,
} from '../kit/index.ts';
import { type Identification, identifierWord } from './identifiers.ts';
import { type AgentList, createListReaders, type ListReaders } from './lists.ts';
import { abilities, type MiralixSettings } from './settings.ts';
import * as wire from './wire.ts';

/** `unknown`: HTTP 404, which the vendor also gives for an agent who is not logged in. `free`: an empty body. */
export type BusyAnswer = { state: 'busy'; call: wire.BusyCall } | { state: 'free' } | { state: 'unknown' };

export interface RequestOptions {
  signal: AbortSignal;
  /** Instead of the source's deadline. */
  timeoutMs?: number | undefined;
}

/** Reads a list on from an earlier reading. */
export interface ListRequest extends RequestOptions {
  /** The highest call id that needs no reading any more. */
  after: number;
}

/** Speaks the REST API. Lists are null where the vendor does not know whose they are; what the vendor rejects is thrown with its status as `vendorCode`. */
export interface MiralixClient {
  /** `any` is everyone who is able to log in; the vendor's own default would leave out agents off shift. */
  agents(state: 'any' | 'loggedIn', signal: AbortSignal): Promise<AgentList>;
  queues(signal: AbortSignal): Promise<readonly wire.Queue[]>;
  /** As `queues`, to find agents where the overview is refused; its failures are shown until an overview works. */
  queuesForAgents(signal: AbortSignal): Promise<readonly wire.Queue[]>;
  queueAgents(queue: number, signal: AbortSignal): Promise<AgentList | null>;
  /** Recordings after the call id `after`; versions before 7.0 take no cursor and list everything. */
  agentRecordings(who: Identification, request: ListRequest): Promise<readonly wire.QueueRecording[] | null>;
  /** As `agentRecordings`, all of them, for a value that a caller gave: one that does not fit its identifier is known to nobody. */
  recordingsOfCaller(who: Identification, signal: AbortSignal): Promise<readonly wire.QueueRecording[] | null>;
  queueRecordings(queue: number, request: ListRequest): Promise<readonly wire.QueueRecording[] | null>;
  /** Recordings of a user's direct calls after the call id `after`, which is of another number space than queue calls'. */
  userRecordings(who: Identification, request: ListRequest): Promise<readonly wire.UserRecording[] | null>;
  busyCall(who: Identification, signal: AbortSignal): Promise<BusyAnswer>;
  /** The audio of a queue call; null for 404. The path holds neither the queue nor the file name. */
  download(queueCallId: number, signal: AbortSignal): Promise<VendorStream | null>;
  /** Keeps in `health` that some of what was read failed, until all of it works; null clears it. */
  noteProblem(message: string | null, about: string): void;
  /** How far the server's clock is from ours: its UTC times are corrected by that. */
  clock: VendorClock;
  health(): SourceHealth;
  close(): Promise<void>;
}

const statusMessages = (settings: MiralixSettings): Readonly<Record<number, string>> => ({
  400: 'says that a parameter is invalid; check the version in its settings',
  401: 'refuses the shared secret; check sharedSecret against the Office Team profile',
  403: abilities(settings.version).licences
    ? 'has no licence for this request; the shared secret was accepted'
    : 'refuses access; check sharedSecret against the Office Team profile',
});

/** The key in `health` of failures of the requests that replace a refused overview. */
const insteadOfOverview = 'agents of queues';

/** One account's REST API. */
interface Rest {
  settings: MiralixSettings;
  api: VendorApi;
  lists: ListReaders;
  refuseIfDoubtful: ReturnType<typeof createEmptyListGuard>;
}

const createRest = (settings: MiralixSettings, context: VendorContext): Rest => {
  const api = createVendorApi(
    {
      ...apiOptions(settings),
      baseUrl: `${withoutEnding(settings.baseUrl, '/')}/mot/${encodeURIComponent(settings.account)}`,
      caFile: settings.caFile,
      maxBodyBytes: 256 * 1024 * 1024,
      headers: { 'X-Miralix-Shared-Secret': settings.sharedSecret },
      statusMessages: statusMessages(settings),
    },
    context,
  );
  return {
    settings,
    api,
    lists: createListReaders(api, settings.name, context),
    refuseIfDoubtful: createEmptyListGuard(settings.name, 'agents'),
  };
};

/** The part of a path that names an agent or a user. */
const identified = ({ settings }: Rest, { identifier, value }: Identification): string => {
  const encoded = encodeURIComponent(value);
  const segment = settings.encodeIdentification ? encoded : encoded.replaceAll('%3A', ':').replaceAll('%40', '@');
  return `${identifierWord(identifier)}/${segment}`;
};

const readAgents = async ({ api, lists, refuseIfDoubtful }: Rest, state: 'any' | 'loggedIn', signal: AbortSignal): Promise<AgentList> => {
  const list = (await lists.agents({ operation: 'agents', path: `/agents?state=${state}`, signal }))!;
  if (state === 'any') api.checked(() => refuseIfDoubtful(list.agents.length === 0, 200), 'an empty list');
  api.noteProblem(null, insteadOfOverview);
  return list;
};

const readQueuesForAgents = async ({ api, lists }: Rest, signal: AbortSignal): Promise<readonly wire.Queue[]> => {
  const queues = await lists.queues({ operation: 'queues', about: insteadOfOverview, path: '/queues', signal });
  // The names are kept for both, so that those who read recordings do not ask again for a while.
  api.noteProblem(null, 'queues');
  return queues;
};

const queueAgentsRequest = (queue: number, signal: AbortSignal): JsonRequest => ({
  operation: 'queueAgents',
  about: insteadOfOverview,
  path: `/queues/${queue}/agents?state=any`,
  absent: [404],
  signal,
});

const recordingsPath = (rest: Rest, who: Identification) => `/agents/${identified(rest, who)}/recordings`;

const agentRecordingsRequest = (rest: Rest, who: Identification, { after, ...options }: ListRequest): JsonRequest => {
  const hasCursor = abilities(rest.settings.version).agentCursor && after > 0;
  const path = `${recordingsPath(rest, who)}${hasCursor ? `?fromQueueCallId=${after}` : ''}`;
  return { ...options, operation: 'agentRecordings', path, absent: [404] };
};

const callerRecordingsRequest = (rest: Rest, who: Identification, signal: AbortSignal): JsonRequest => ({
  operation: 'agentLookup',
  path: recordingsPath(rest, who),
  absent: [400, 404],
  signal,
});

const queueRecordingsRequest = (queue: number, { after, ...options }: ListRequest): JsonRequest => ({
  ...options,
  operation: 'queueRecordings',
  // The rejection of one queue is reported until that queue is given out.
  about: `queueRecordings of ${queue}`,
  path: `/queues/${queue}/calls/recordings?fromQueueCallId=${after}`,
  absent: [404],
});

const userRecordingsRequest = (rest: Rest, who: Identification, { after, ...options }: ListRequest): JsonRequest => ({
  ...options,
  operation: 'userRecordings',
  path: `/users/${identified(rest, who)}/recordings${after > 0 ? `?fromCallId=${after}` : ''}`,
  absent: [404],
});

const readBusyCall = async (rest: Rest, who: Identification, signal: AbortSignal): Promise<BusyAnswer> => {
  const { value, status } = await rest.api.answer(wire.busyCall.nullable(), {
    operation: 'busyCall',
    path: `/agents/${identified(rest, who)}/busycall`,
    // "No correct data found for the agent" is one of the meanings of its 400: there is no such call.
    absent: [400, 404],
    emptyIsAbsent: true,
    signal,
  });
  if (status === 404) return { state: 'unknown' };
  const isBusy = value !== null && Object.values(value).some((field) => (field ?? null) !== null);
  return isBusy ? { state: 'busy', call: value } : { state: 'free' };
};

const openDownload = async ({ api }: Rest, queueCallId: number, signal: AbortSignal): Promise<VendorStream | null> => {
  const request = { operation: 'download', path: `/queues/calls/recordings/${queueCallId}`, signal };
  const stream = await api.stream({ ...request, headers: { accept: '*/*' } });
  if (stream.status >= 200 && stream.status < 300) {
    api.noteProblem(null, request.operation);
    return stream;
  }
  stream.close();
  const isPage = /^text\/html\b/i.test(headerOf(stream, 'content-type'));
  if (stream.status === 404 && !isPage) return null;
  throw api.statusError(request, stream.status, isPage);
};

export const createMiralixClient = (settings: MiralixSettings, context: VendorContext): MiralixClient => {
  const rest = createRest(settings, context);
  const { api, lists } = rest;
  return {
    agents: (state, signal) => readAgents(rest, state, signal),
    queuesForAgents: (signal) => readQueuesForAgents(rest, signal),
    queues: (signal) => lists.queues({ operation: 'queues', path: '/queues', signal }),
    queueAgents: (queue, signal) => lists.agents(queueAgentsRequest(queue, signal)),
    agentRecordings: (who, request) => lists.items(wire.queueRecordings, agentRecordingsRequest(rest, who, request)),
    recordingsOfCaller: (who, signal) => lists.items(wire.queueRecordings, callerRecordingsRequest(rest, who, signal)),
    queueRecordings: (queue, request) => lists.items(wire.queueRecordings, queueRecordingsRequest(queue, request)),
    userRecordings: (who, request) => lists.items(wire.userRecordings, userRecordingsRequest(rest, who, request)),
    busyCall: (who, signal) => readBusyCall(rest, who, signal),
    download: (queueCallId, signal) => openDownload(rest, queueCallId, signal),
    clock: api.clock,
    noteProblem: api.noteProblem,
    health: api.health,
    close: api.close,
  };
};
