import { defineVendor } from '../kit/index.ts';
import { createAgentReader } from './agents.ts';
import { createMiralixClient } from './client.ts';
import { createListingReader } from './listings.ts';
import { createMediaReader } from './media.ts';
import { createPieceBook } from './pieces.ts';
import { createObserver } from './poll.ts';
import { createRecordingFeed } from './recordings.ts';
import { createRoster } from './roster.ts';
import { abilities, type MiralixSettings, miralixSettings } from './settings.ts';

export const miralix = defineVendor<MiralixSettings>({
  type: 'miralix',
  vendor: 'MIRALIX_OFFICETEAM',
  title: 'Miralix OfficeTeam, by its REST API 6.1 to 8.0: polled, and read only.',
  settings: miralixSettings,
  create: (settings, context) => {
    const client = createMiralixClient(settings, context);
    const roster = createRoster(client, settings, context);
    const book = createPieceBook();
    const feed = createRecordingFeed({ roster, read: createListingReader(client, roster), book, settings, context });
    const direct = settings.directRecordings && abilities(settings.version).directRecordings;
    return {
      maxStalenessMs: (settings.maxStalenessSeconds ?? Math.max(2 * settings.pollSeconds, 5)) * 1000,
      confirmMs: settings.confirmSeconds * 1000,
      maxAgentBlackoutMs: null,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: {
        OBSERVE_CALL: 'Queue calls that are offered or answered, and calls that were recorded.',
        LIST_RECORDINGS: direct ? 'Queue calls, and direct calls of agents who are known as users too.' : 'Queue calls.',
        DOWNLOAD_MEDIA: 'Queue calls only. Recordings that share a call share one file.',
      },
      agents: createAgentReader(client, roster, settings, context),
      recordings: feed,
      media: createMediaReader(client, book, settings, context),
      observer: createObserver({ client, roster, feed, settings, context }),
      health: client.health,
      close: client.close,
    };
  },
});
