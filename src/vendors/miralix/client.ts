import {
  apiOptions,
  createEmptyListGuard,
  createVendorApi,
  headerOf,
  type SourceHealth,
  type VendorClock,
  type VendorContext,
  type VendorStream,
  withoutEnding,
} from '../kit/index.ts';
import { type Identification, identifierWord } from './identifiers.ts';
import { type AgentList, createLists } from './lists.ts';
import { abilities, type MiralixSettings } from './settings.ts';
import * as wire from './wire.ts';

/** `unknown`: HTTP 404, which the vendor also gives for an agent who is not logged in. `free`: an empty body. */
export type BusyAnswer = { state: 'busy'; call: wire.BusyCall } | { state: 'free' } | { state: 'unknown' };

/** Speaks the REST API. Lists are null where the vendor does not know whose they are; what the vendor rejects is thrown with its status as `vendorCode`. */
export interface MiralixClient {
  /** `any` is everyone who is able to log in; the vendor's own default would leave out agents off shift. */
  agents(state: 'any' | 'loggedIn', signal: AbortSignal): Promise<AgentList>;
  queues(signal: AbortSignal): Promise<readonly wire.Queue[]>;
  /** As `queues`, to find agents where the overview is refused; its failures are shown until an overview works. */
  queuesForAgents(signal: AbortSignal): Promise<readonly wire.Queue[]>;
  queueAgents(queue: number, signal: AbortSignal): Promise<AgentList | null>;
  /** Recordings after the call id `after`; versions before 7.0 take no cursor and list everything. */
  agentRecordings(
    who: Identification,
    after: number,
    signal: AbortSignal,
    timeoutMs?: number,
  ): Promise<readonly wire.QueueRecording[] | null>;
  /** As `agentRecordings`, all of them, for a value that a caller gave: one that does not fit its identifier is known to nobody. */
  recordingsOfCaller(who: Identification, signal: AbortSignal): Promise<readonly wire.QueueRecording[] | null>;
  queueRecordings(queue: number, after: number, signal: AbortSignal, timeoutMs?: number): Promise<readonly wire.QueueRecording[] | null>;
  /** Recordings of a user's direct calls after the call id `after`, which is of another number space than queue calls'. */
  userRecordings(
    who: Identification,
    after: number,
    signal: AbortSignal,
    timeoutMs?: number,
  ): Promise<readonly wire.UserRecording[] | null>;
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

export const createMiralixClient = (settings: MiralixSettings, context: VendorContext): MiralixClient => {
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
  const can = abilities(settings.version);
  const { list, listQueues, agentList } = createLists(api, settings.name, context);
  const refuseIfDoubtful = createEmptyListGuard(settings.name, 'agents');

  const segment = (value: string): string => {
    const encoded = encodeURIComponent(value);
    return settings.encodeIdentification ? encoded : encoded.replaceAll('%3A', ':').replaceAll('%40', '@');
  };
  const identified = (who: Identification): string => `${identifierWord(who.identifier)}/${segment(who.value)}`;
  const recordingsPath = (who: Identification) => `/agents/${identified(who)}/recordings`;

  return {
    agents: async (state, signal) => {
      const list = (await agentList({ operation: 'agents', path: `/agents?state=${state}`, signal }))!;
      if (state === 'any') api.checked(() => refuseIfDoubtful(list.agents.length === 0, 200), 'an empty list');
      api.noteProblem(null, insteadOfOverview);
      return list;
    },
    queuesForAgents: async (signal) => {
      const queues = await listQueues({ operation: 'queues', about: insteadOfOverview, path: '/queues', signal });
      // The names are kept for both, so that those who read recordings do not ask again for a while.
      api.noteProblem(null, 'queues');
      return queues;
    },
    queues: (signal) => listQueues({ operation: 'queues', path: '/queues', signal }),
    queueAgents: (queue, signal) =>
      agentList({
        operation: 'queueAgents',
        about: insteadOfOverview,
        path: `/queues/${queue}/agents?state=any`,
        absent: [404],
        signal,
      }),
    agentRecordings: (who, after, signal, timeoutMs) =>
      list(wire.queueRecordings, {
        operation: 'agentRecordings',
        path: `${recordingsPath(who)}${can.agentCursor && after > 0 ? `?fromQueueCallId=${after}` : ''}`,
        absent: [404],
        timeoutMs,
        signal,
      }),
    recordingsOfCaller: (who, signal) =>
      list(wire.queueRecordings, { operation: 'agentLookup', path: recordingsPath(who), absent: [400, 404], signal }),
    queueRecordings: (queue, after, signal, timeoutMs) =>
      list(wire.queueRecordings, {
        operation: 'queueRecordings',
        // The rejection of one queue is reported until that queue is given out.
        about: `queueRecordings of ${queue}`,
        path: `/queues/${queue}/calls/recordings?fromQueueCallId=${after}`,
        absent: [404],
        timeoutMs,
        signal,
      }),
    userRecordings: (who, after, signal, timeoutMs) =>
      list(wire.userRecordings, {
        operation: 'userRecordings',
        path: `/users/${identified(who)}/recordings${after > 0 ? `?fromCallId=${after}` : ''}`,
        absent: [404],
        timeoutMs,
        signal,
      }),
    busyCall: async (who, signal) => {
      const { value, status } = await api.answer(wire.busyCall.nullable(), {
        operation: 'busyCall',
        path: `/agents/${identified(who)}/busycall`,
        // "No correct data found for the agent" is one of the meanings of its 400: there is no such call.
        absent: [400, 404],
        emptyIsAbsent: true,
        signal,
      });
      if (status === 404) return { state: 'unknown' };
      const isBusy = value !== null && Object.values(value).some((field) => (field ?? null) !== null);
      return isBusy ? { state: 'busy', call: value } : { state: 'free' };
    },
    download: async (queueCallId, signal) => {
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
    },
    clock: api.clock,
    noteProblem: api.noteProblem,
    health: api.health,
    close: api.close,
  };
};
