/** Acme Recorder: lists its agents, starts recordings, hands out audio. */
import {
  type AgentSnapshot,
  apiOptions,
  audioHeadBytes,
  commonSettings,
  createVendorApi,
  defineVendor,
  detectAudio,
  ExpectedError,
  pollingObserver,
  readAhead,
  z,
} from 'tapegraph/vendor-kit';

const settings = z.strictObject({
  ...commonSettings,
  vendor: z.literal('acme'),
  baseUrl: z.url(),
  apiKey: z.string().min(1),
  pollSeconds: z.number().positive().default(5),
});

const wireAgents = z.array(z.object({ id: z.string(), name: z.string(), state: z.string() }));
const statuses: Record<string, 'IDLE' | 'ON_CALL'> = { free: 'IDLE', talking: 'ON_CALL' };

const snapshotOf = ({ id, name, state }: z.output<typeof wireAgents>[number]): AgentSnapshot => ({
  agent: id,
  observations: [{ type: 'agent', agent: { externalId: id, name, status: statuses[state] ?? 'UNKNOWN', vendorStatus: state } }],
});

export const acme = defineVendor({
  type: 'acme',
  title: 'Acme Recorder',
  settings,
  create: (given, context) => {
    const api = createVendorApi(
      {
        ...apiOptions(given),
        baseUrl: given.baseUrl,
        headers: { 'x-api-key': given.apiKey },
        statusMessages: { 401: 'refuses the key; check apiKey' },
      },
      context,
    );
    const list = (signal: AbortSignal) => api.answer(wireAgents, { operation: 'agents', path: '/agents', signal });
    return {
      observes: ['OBSERVE_AGENT'],
      agents: {
        identifiers: ['ID'],
        list: async (signal) => (await list(signal)).value.map(snapshotOf),
        byIdentifiers: async (lookups, signal) => {
          const everyone = lookups.length === 0 ? [] : (await list(signal)).value;
          return lookups.map(({ value }) => {
            const found = everyone.find(({ id }) => id === value);
            return found ? snapshotOf(found) : null;
          });
        },
      },
      control: {
        START_RECORDING: async ({ agent }, signal) => {
          const path = `/agents/${encodeURIComponent(agent.externalId)}/recording`;
          await api.json(z.object({ recording: z.string() }), { operation: 'startRecording', method: 'POST', path, signal });
          return {};
        },
      },
      media: {
        ranges: false,
        open: async (recording, { signal }) => {
          const path = `/recordings/${encodeURIComponent(recording.externalId)}`;
          const stream = await api.stream({ operation: 'download', path, signal });
          const { head, whole } = await readAhead(stream.body, ({ length }) => length >= audioHeadBytes);
          const audio = stream.status === 200 ? detectAudio(head) : null;
          if (audio) return { ...audio, byteLength: null, range: null, body: whole, close: stream.close };
          stream.close();
          throw new ExpectedError('MEDIA_UNAVAILABLE', `${given.name}: the vendor has no audio of this recording.`, { retryable: false });
        },
      },
      observer: pollingObserver(
        {
          source: given.name,
          everyMs: given.pollSeconds * 1000,
          read: async (signal) => {
            const { value, digest } = await list(signal);
            return { observations: value.flatMap((agent) => snapshotOf(agent).observations), digest };
          },
        },
        context,
      ),
      health: api.health,
      close: api.close,
    };
  },
});
