import type { VendorContext } from '../kit/index.ts';
import { createUptivityClient, type UptivityClient } from './client.ts';
import type { UptivitySettings } from './settings.ts';

/** The context that every function of the source takes first. */
export interface UptivitySource {
  settings: UptivitySettings;
  context: VendorContext;
  client: UptivityClient;
}

export const createUptivitySource = (settings: UptivitySettings, context: VendorContext): UptivitySource => ({
  settings,
  context,
  client: createUptivityClient(settings, context),
});
