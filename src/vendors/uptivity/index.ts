import { defineVendor } from '../kit/index.ts';
import { createAgents } from './agents.ts';
import { createUptivityClient } from './client.ts';
import { createBlackoutCommands, createControl, userKeys } from './control.ts';
import { createObserver } from './observer.ts';
import { type UptivitySettings, uptivitySettings } from './settings.ts';

const blackoutNote = 'The vendor does not show blackouts. They stay ACCEPTED, and changes by others are not observed.';

export const uptivity = defineVendor<UptivitySettings>({
  type: 'uptivity',
  vendor: 'NICE_UPTIVITY',
  title: 'NICE Uptivity (inContact WFO), by its Recording API.',
  settings: uptivitySettings,
  create: (settings, context) => {
    const client = createUptivityClient(settings, context);
    const agents = createAgents(settings, context, client);
    const observer = createObserver(settings, context, agents);
    return {
      maxAgentBlackoutMs: settings.maxAgentBlackoutSeconds * 1000,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: { START_BLACKOUT: blackoutNote, STOP_BLACKOUT: blackoutNote },
      agents: { ...agents.reader, refresh: async (signal) => (await observer.poll(signal)).agents },
      control: createControl(settings.name, client),
      metadataKeys: [...userKeys, ...settings.metadataKeys.map((key) => key.toLowerCase())],
      blackouts: { support: 'NATIVE', confirmable: false, ...createBlackoutCommands(settings.name, client) },
      observer,
      health: client.health,
      close: client.close,
    };
  },
});
