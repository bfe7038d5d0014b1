import {
  apiOptions,
  createVendorApi,
  createVendorClock,
  defineVendor,
  maxStalenessMsOf,
  observingInOurTime,
  type SourceParts,
  type VendorApi,
  type VendorClock,
  type VendorContext,
} from '../kit/index.ts';
import { createAgentReader } from './agents.ts';
import { createTencentApi } from './client.ts';
import { currentAgentId, currentRow, openIdentity } from './identity.ts';
import { createIntake } from './intake.ts';
import { withoutEnded } from './known-calls.ts';
import { createMediaReader } from './media.ts';
import { createMediaHosts } from './media-hosts.ts';
import { createLinkFinder } from './media-link.ts';
import { createObserver } from './observer.ts';
import { createPushGuard } from './push-auth.ts';
import { createPushHealth, type PushHealth } from './push-health.ts';
import { readSnapshot } from './readers.ts';
import { createReconcile } from './reconcile.ts';
import { createRecordingReader } from './recordings.ts';
import { type TencentSettings, tencentSettings } from './settings.ts';
import { singleFlight } from './single-flight.ts';
import type { PullingSource, TencentSource } from './source.ts';
import { createWebhook } from './webhook.ts';

/** Anyone may post to an unauthenticated hook, so that has to be meant. */
const fault = ({ push, allowAnonymousPush }: TencentSettings, { loopbackOnly }: { loopbackOnly: boolean }): string | null =>
  push?.auth.type !== 'none' || loopbackOnly || allowAnonymousPush
    ? null
    : 'with push.auth none, anyone who can reach this server can post recordings; set push.auth to basic or oauth2 and the same in the ' +
      'Tencent console, let the server listen on loopback only, or set allowAnonymousPush: true';

/** The parts of a source that need `api`. */
const pulling = (source: PullingSource) => {
  const { api, context } = source;
  const snapshot = singleFlight(async () => withoutEnded(await readSnapshot(api), context.known), context.clock);
  return {
    agents: createAgentReader(source, snapshot),
    recordings: createRecordingReader(source),
    observer: createObserver(source, { snapshot, reconcile: createReconcile(source) }),
  };
};

/** `pushClock`: measured by the pushes; null where answers of the API measure it. */
const pushed = (source: TencentSource, health: PushHealth, pushClock: VendorClock | null) => {
  const { settings, context } = source;
  const { name, push } = settings;
  const intake = createIntake(source, pushClock);
  if (push === undefined) return { replay: intake.replay };
  const guard = createPushGuard(name, push.auth, context.clock);
  return { replay: intake.replay, webhook: createWebhook({ source: name, guard, health, intake, context }) };
};

const createPullingSource = (source: TencentSource, apiClient: VendorApi | undefined): PullingSource | null => {
  const { settings, context } = source;
  if (settings.api === undefined || apiClient === undefined) return null;
  const pullingSettings = { ...settings, api: settings.api };
  return { ...source, settings: pullingSettings, api: createTencentApi(pullingSettings, context, apiClient) };
};

const create = (settings: TencentSettings, server: VendorContext): SourceParts => {
  const hosts = createMediaHosts(settings.mediaHosts);
  const mediaClient = createVendorApi({ ...apiOptions(settings), baseUrl: 'https://media.invalid', lookup: hosts.lookup }, server);
  const apiClient = settings.api && createVendorApi({ ...apiOptions(settings), baseUrl: settings.api.endpoint }, server);
  // Pushes alone show the vendor's clock only where it is ahead of ours: any other push may have waited.
  const clock = apiClient?.clock ?? createVendorClock(server.clock);
  const context = observingInOurTime(server, clock);
  const health = createPushHealth(settings.name, context.clock, clock);
  const source: TencentSource = { settings, context, clock, openIdentity: openIdentity(context.state) };
  const pullingSource = createPullingSource(source, apiClient);
  const pull = pullingSource && pulling(pullingSource);

  return {
    maxStalenessMs: maxStalenessMsOf({ ...settings, pollSeconds: settings.api?.pollSeconds }),
    observes: pull ? ['OBSERVE_AGENT', 'OBSERVE_CALL'] : ['OBSERVE_CALL'],
    notes: pull ? {} : { OBSERVE_CALL: 'Calls are reported after they have ended; configure api to see live calls and agents.' },
    ...pull,
    media: createMediaReader({ source, client: mediaClient, hosts, links: pullingSource && createLinkFinder(pullingSource) }),
    ...pushed(source, health, apiClient ? null : clock),
    renewRecording: async (recording) => currentRow(recording, await source.openIdentity()),
    renewAgentId: currentAgentId,
    health: () => health.joinedWith(apiClient?.health() ?? null),
    close: async () => {
      await Promise.all([mediaClient.close(), apiClient?.close()]);
    },
  };
};

export const tencent = defineVendor<TencentSettings>({
  type: 'tencent',
  vendor: 'TENCENT_CCC',
  title: 'Tencent Cloud Contact Center, by data pushes, and by its API if a key is configured.',
  settings: tencentSettings,
  fault,
  create,
});
