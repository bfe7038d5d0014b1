import { type AgentReader, defineVendor, inOurTime, type RecordingReader, snapshotsInOurTime } from '../kit/index.ts';
import { createAgentReader } from './agents.ts';
import type { MiralixClient } from './client.ts';
import { createMediaReader } from './media.ts';
import { createObserver } from './observer.ts';
import { createRecordingFeed, createRecordingReader } from './recordings.ts';
import { abilities, type MiralixSettings, miralixSettings } from './settings.ts';
import { createMiralixSource } from './source.ts';

/** Converts the times of the readers' answers to this server's clock. */
const readersInOurTime = (agents: AgentReader, recordings: RecordingReader, { clock }: Pick<MiralixClient, 'clock'>) => ({
  agents: {
    ...agents,
    byIdentifiers: async (...given: Parameters<AgentReader['byIdentifiers']>) =>
      (await agents.byIdentifiers(...given)).map((one) => one && snapshotsInOurTime([one], clock)[0]!),
    list: async (signal: AbortSignal) => snapshotsInOurTime(await agents.list(signal), clock),
  },
  recordings: {
    ...recordings,
    list: async (...given: Parameters<RecordingReader['list']>) => inOurTime(await recordings.list(...given), clock),
  },
});

export const miralix = defineVendor<MiralixSettings>({
  type: 'miralix',
  vendor: 'MIRALIX_OFFICETEAM',
  title: 'Miralix OfficeTeam, by its REST API 6.1 to 8.0; polled and read-only.',
  settings: miralixSettings,
  create: (settings, context) => {
    const source = createMiralixSource(settings, context);
    const feed = createRecordingFeed(source);
    const { client } = source;
    const direct = settings.directRecordings && abilities(settings.version).directRecordings;
    return {
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: {
        OBSERVE_CALL: 'Queue calls that are offered or answered, and calls that were recorded.',
        LIST_RECORDINGS: direct ? 'Queue calls, and direct calls of agents who are known as users too.' : 'Queue calls.',
        DOWNLOAD_MEDIA: 'Queue calls only. Recordings that share a call share one file.',
      },
      ...readersInOurTime(createAgentReader(source), createRecordingReader(feed), client),
      media: createMediaReader(source),
      observer: createObserver({ ...source, feed }),
      health: client.health,
      close: client.close,
    };
  },
});
