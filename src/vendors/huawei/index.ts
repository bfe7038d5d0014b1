import { defineVendor, type VendorSource } from '../kit/index.ts';
import { createAgentReader } from './agents.ts';
import { createControl } from './control.ts';
import { createMediaReader } from './media.ts';
import { createObserver } from './observer.ts';
import { type HuaweiSettings, huaweiSettings, maxStalenessMsOf } from './settings.ts';
import { createHuaweiSource, type HuaweiSource } from './source.ts';
import { createWebhook } from './webhook.ts';

const privateCloud = 'Private cloud only.';

const noSelfRecord =
  'The site does not let agents start recordings (selfRecord: false), so a recording that a blackout stopped could not continue.';

/** Remarks on the capabilities, as they are when they are read. */
const createNotes = (source: HuaweiSource): NonNullable<VendorSource['notes']> => {
  const { selfRecord } = source.settings;
  const withStartProblem = (note: string): string => [note, source.startProblem].filter((one) => one !== null).join(' ');
  return {
    get START_RECORDING() {
      return selfRecord
        ? withStartProblem(`${privateCloud} Needs IF_ENABLE_AGENT_SELFRECORD at the gateway.`)
        : 'The site does not let agents start recordings (selfRecord: false).';
    },
    START_SCREEN_RECORDING: `${privateCloud} Needs the VRC component on the agent's computer.`,
    STOP_SCREEN_RECORDING: privateCloud,
    START_BLACKOUT: selfRecord ? 'Stops the recording in progress. Video cannot be stopped.' : noSelfRecord,
    get STOP_BLACKOUT() {
      return selfRecord ? withStartProblem('Starts recording again, appending to the same file.') : noSelfRecord;
    },
    RENEW_BLACKOUT: selfRecord ? 'Fetches the state of the agent and stops recordings in progress.' : noSelfRecord,
    DOWNLOAD_MEDIA: 'Needs an agent who is signed in, and downloads that are enabled at the gateway.',
  };
};

/** Huawei AICC: the agent gateway ("CC-Gateway"), one agent session for each configured agent. */
export const huawei = defineVendor<HuaweiSettings>({
  type: 'huawei',
  vendor: 'HUAWEI_CC_GATEWAY',
  title: 'Huawei AICC CC-Gateway.',
  settings: huaweiSettings,
  create: (settings, context) => {
    const source = createHuaweiSource(settings, context);
    return {
      maxStalenessMs: maxStalenessMsOf(settings),
      confirmMs: settings.confirmSeconds * 1000,
      maxAgentBlackoutMs: settings.maxAgentBlackoutSeconds * 1000,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: createNotes(source),
      agents: createAgentReader(source),
      control: createControl(source),
      metadataKeys: [],
      ...(settings.selfRecord ? { blackouts: { support: 'EMULATED' as const, confirmable: true } } : {}),
      media: createMediaReader(source),
      observer: createObserver(source),
      ...(settings.events === 'push' ? { webhook: createWebhook(source) } : {}),
      health: source.gateway.health,
      close: async () => {
        source.events.close();
        await source.gateway.close();
      },
    };
  },
});
