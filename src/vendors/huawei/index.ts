import { defineVendor, type VendorSource } from '../kit/index.ts';
import { createAgentStateReader } from './agent-state.ts';
import { createAgentReader } from './agents.ts';
import { createGateway } from './client.ts';
import { createControl } from './control.ts';
import { createEvents } from './events.ts';
import { createMediaReader } from './media.ts';
import { createObserver } from './observer.ts';
import { createSessions } from './sessions.ts';
import { type HuaweiSettings, huaweiSettings, maxStalenessMsOf } from './settings.ts';
import { createWebhook } from './webhook.ts';

const privateCloud = 'Private cloud only.';

const noSelfRecord =
  'The site does not let agents start recordings (selfRecord: false), so a recording that a blackout stopped could not continue.';

/** Remarks on the capabilities, as they are when they are read; `startProblem` is the gateway's latest no to a start that names no cause. */
const createNotes = ({ selfRecord }: HuaweiSettings, startProblem: () => string | null): NonNullable<VendorSource['notes']> => {
  const withStartProblem = (note: string): string => [note, startProblem()].filter((one) => one !== null).join(' ');
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
    const gateway = createGateway(settings, context);
    const sessions = createSessions(settings, context, gateway);
    const events = createEvents(
      settings.name,
      settings.agents.map(({ id }) => id),
      context,
      gateway.clock,
    );
    const agentState = createAgentStateReader(settings, context, gateway, sessions);
    const control = createControl(settings, context, gateway, sessions, events, agentState);
    return {
      maxStalenessMs: maxStalenessMsOf(settings),
      confirmMs: settings.confirmSeconds * 1000,
      maxAgentBlackoutMs: settings.maxAgentBlackoutSeconds * 1000,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: createNotes(settings, control.startProblem),
      agents: createAgentReader(settings, sessions, agentState),
      control: control.handlers,
      metadataKeys: [],
      ...(settings.selfRecord ? { blackouts: { support: 'EMULATED' as const, confirmable: true } } : {}),
      media: createMediaReader(settings, context, gateway, sessions),
      observer: createObserver(settings, context, gateway, sessions, events, agentState),
      ...(settings.events === 'push' ? { webhook: createWebhook(settings, context, sessions, events) } : {}),
      health: gateway.health,
      close: async () => {
        events.close();
        await gateway.close();
      },
    };
  },
});
