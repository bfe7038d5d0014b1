import type { VendorContext } from '../kit/index.ts';
import { createGateway, type Gateway } from './client.ts';
import { createEvents, type Events } from './events.ts';
import type { SessionChange } from './session.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';
import type { HuaweiSettings } from './settings.ts';

/** The context that every function of the source takes first. */
export interface HuaweiSource {
  settings: HuaweiSettings;
  context: VendorContext;
  gateway: Gateway;
  sessions: SessionStore;
  /** The errors that stopped sign-ins, by agent; `final` where no repetition mends it. */
  signInErrors: Map<string, { message: string; final: boolean }>;
  events: Events;
  /** By agent; one at a time. */
  sessionChanges: Map<string, SessionChange>;
  /** The gateway's last rejection of a start without a cause; null since one was accepted. */
  startProblem: string | null;
}

export const createHuaweiSource = (settings: HuaweiSettings, context: VendorContext): HuaweiSource => {
  const gateway = createGateway(settings, context);
  const agents = settings.agents.map(({ id }) => id);
  return {
    settings,
    context,
    gateway,
    sessions: createSessionStore(context),
    signInErrors: new Map(),
    events: createEvents({ source: settings.name, agents, context, clock: gateway.clock }),
    sessionChanges: new Map(),
    startProblem: null,
  };
};
