import {
  apiOptions,
  createVendorApi,
  createVendorClock,
  defineVendor,
  maxStalenessMsOf,
  observingInOurTime,
  type SourceParts,
  type VendorClock,
  type VendorContext,
} from '../kit/index.ts';
import { createAgentReader } from './agents.ts';
import { createTencentApi, type TencentApi } from './client.ts';
import { currentAgentId, currentRow, openIdentity, type RecordingIdentity } from './identity.ts';
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
import { type ApiSettings, settings, type TencentSettings } from './settings.ts';
import { singleFlight } from './single-flight.ts';
import { createWebhook } from './webhook.ts';

type OpenIdentity = () => Promise<RecordingIdentity>;

/** Anyone may post to an unauthenticated hook, so that has to be meant. */
const fault = ({ push, allowAnonymousPush }: TencentSettings, { loopbackOnly }: { loopbackOnly: boolean }): string | null =>
  push?.auth.type !== 'none' || loopbackOnly || allowAnonymousPush
    ? null
    : 'with push.auth none, anyone who can reach this server can post recordings; set push.auth to basic or oauth2 and the same in the ' +
      'Tencent console, let the server listen on loopback only, or set allowAnonymousPush: true';

/** The parts of a source that need `api`. */
const pulling = (
  given: TencentSettings & { api: ApiSettings },
  context: VendorContext,
  api: TencentApi,
  open: OpenIdentity,
  clock: VendorClock,
) => {
  const snapshot = singleFlight(async () => withoutEnded(await readSnapshot(api), context.known), context.clock);
  return {
    agents: createAgentReader(given.name, snapshot, clock),
    recordings: createRecordingReader(given, api, open, context, clock),
    observer: createObserver(
      {
        source: given.name,
        settings: given.api,
        snapshot,
        reconcile: createReconcile({ source: given.name, api, settings: given.api, keepMonths: given.keepMonths, open }, context),
      },
      context,
    ),
  };
};

const pushed = (
  given: TencentSettings,
  context: VendorContext,
  { health, open, pushClock }: { health: PushHealth; open: OpenIdentity; pushClock: VendorClock | null },
) => {
  const { name: source, sdkAppId, keepMonths, push } = given;
  const intake = createIntake({ source, sdkAppId, keepMonths, open, pushClock }, context);
  return {
    replay: intake.replay,
    ...(push
      ? { webhook: createWebhook({ source, guard: createPushGuard(source, push.auth, context.clock), health, intake, context }) }
      : {}),
  };
};

const create = (given: TencentSettings, server: VendorContext): SourceParts => {
  const hosts = createMediaHosts(given.mediaHosts);
  const mediaClient = createVendorApi({ ...apiOptions(given), baseUrl: 'https://media.invalid', lookup: hosts.lookup }, server);
  const apiClient = given.api && createVendorApi({ ...apiOptions(given), baseUrl: given.api.endpoint }, server);
  // Pushes alone show the vendor's clock only where it is ahead of ours: any other push may have waited.
  const clock = apiClient?.clock ?? createVendorClock(server.clock);
  const context = observingInOurTime(server, clock);
  const health = createPushHealth(given.name, context.clock, clock);
  const open = openIdentity(context.state);
  const api = given.api && apiClient && createTencentApi({ ...given, api: given.api }, context, apiClient);
  const pull = given.api && api ? pulling({ ...given, api: given.api }, context, api, open, clock) : null;

  return {
    maxStalenessMs: maxStalenessMsOf({ ...given, pollSeconds: given.api?.pollSeconds }),
    observes: pull ? ['OBSERVE_AGENT', 'OBSERVE_CALL'] : ['OBSERVE_CALL'],
    notes: pull ? {} : { OBSERVE_CALL: 'Calls are reported after they have ended; configure api to see live calls and agents.' },
    ...pull,
    media: createMediaReader({
      source: given.name,
      client: mediaClient,
      hosts,
      clock: context.clock,
      keepMonths: given.keepMonths,
      ...(api ? { links: createLinkFinder(api, open, context.clock) } : {}),
    }),
    ...pushed(given, context, { health, open, pushClock: apiClient ? null : clock }),
    renewRecording: async (recording) => currentRow(recording, await open()),
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
  settings,
  fault,
  create,
});
