import { defineVendor } from '../kit/index.ts';
import { createAgents } from './agents.ts';
import { createBlackoutCommands, createControl, userKeys } from './control.ts';
import { createObserver } from './observer.ts';
import { type UptivitySettings, uptivitySettings } from './settings.ts';
import { createUptivitySource } from './source.ts';

const blackoutNote = 'The vendor does not show blackouts. They stay ACCEPTED, and changes by others are not observed.';

export const uptivity = defineVendor<UptivitySettings>({
  type: 'uptivity',
  vendor: 'NICE_UPTIVITY',
  title: 'NICE Uptivity (inContact WFO), by its Recording API.',
  settings: uptivitySettings,
  create: (settings, context) => {
    const source = createUptivitySource(settings, context);
    const { client } = source;
    const agents = createAgents(source);
    const observer = createObserver(source, agents);
    return {
      maxAgentBlackoutMs: settings.maxAgentBlackoutSeconds * 1000,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: { START_BLACKOUT: blackoutNote, STOP_BLACKOUT: blackoutNote },
      agents: { ...agents.reader, refresh: async (signal) => (await observer.poll(signal)).agents },
      control: createControl(source),
      metadataKeys: [...userKeys, ...settings.metadataKeys.map((key) => key.toLowerCase())],
      blackouts: { support: 'NATIVE', confirmable: false, ...createBlackoutCommands(source) },
      observer,
      health: client.health,
      close: client.close,
    };
  },
});
