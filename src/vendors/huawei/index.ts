import { defineVendor } from '../kit/index.ts';
import { createAgentReader } from './agents.ts';
import { createGateway } from './client.ts';
import { createControl } from './control.ts';
import { createEvents } from './events.ts';
import { createLook } from './look.ts';
import { createMediaReader } from './media.ts';
import { createObserver } from './poll.ts';
import { createSessions } from './sessions.ts';
import { type HuaweiSettings, huaweiSettings } from './settings.ts';
import { createWebhook } from './webhook.ts';

const privateCloud = 'Private cloud only.';

/** Huawei AICC: the agent gateway ("CC-Gateway"), one agent session for each configured agent. */
export const huawei = defineVendor<HuaweiSettings>({
  type: 'huawei',
  vendor: 'HUAWEI_CC_GATEWAY',
  title: 'Huawei AICC CC-Gateway',
  settings: huaweiSettings,
  create: (settings, context) => {
    const gateway = createGateway(settings, context);
    const sessions = createSessions(settings, context, gateway);
    const events = createEvents(
      settings.name,
      settings.agents.map(({ id }) => id),
      context,
    );
    const look = createLook(settings, context, gateway, sessions);
    return {
      maxStalenessMs: (settings.maxStalenessSeconds ?? 30) * 1000,
      confirmMs: settings.confirmSeconds * 1000,
      maxAgentBlackoutMs: settings.maxAgentBlackoutSeconds * 1000,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: {
        START_RECORDING: `${privateCloud} Needs IF_ENABLE_AGENT_SELFRECORD at the gateway.`,
        START_SCREEN_RECORDING: `${privateCloud} Needs the VRC component on the agent's computer.`,
        STOP_SCREEN_RECORDING: privateCloud,
        START_BLACKOUT: 'Stops the running recording.',
        STOP_BLACKOUT: 'Starts recording again, appending to the same file.',
        DOWNLOAD_MEDIA: 'Needs recording download to be enabled at the gateway and an agent who is signed in.',
      },
      agents: createAgentReader(settings, sessions, look),
      control: createControl(settings, context, gateway, sessions, events, look),
      metadataKeys: [],
      blackouts: { support: 'EMULATED', confirmable: true },
      media: createMediaReader(settings, context, gateway, sessions),
      observer: createObserver(settings, context, gateway, sessions, events, look),
      ...(settings.events === 'push' ? { webhook: createWebhook(settings, context, sessions, events) } : {}),
      health: gateway.health,
      close: async () => {
        events.close();
        await gateway.close();
      },
    };
  },
});
