import {
  type AgentReader,
  createVendorApi,
  defineVendor,
  ExpectedError,
  type Observation,
  type RecordingReader,
  type SourceParts,
  type VendorContext,
} from '../kit/index.ts';
import { createTencentApi, type TencentApi } from './client.ts';
import { withoutEnded } from './ended-calls.ts';
import { pulledObservations } from './mapping.ts';
import { createMediaReader } from './media.ts';
import { createMediaHosts } from './media-hosts.ts';
import { createLinkFinder } from './media-link.ts';
import { createObserver } from './observer.ts';
import { type Snapshot, seenIn } from './presence.ts';
import { createPushGuard } from './push-auth.ts';
import { createPushHealth, type PushHealth } from './push-health.ts';
import { readDetails, readSnapshot } from './readers.ts';
import { createReconcile } from './reconcile.ts';
import { inRounds } from './rounds.ts';
import { type ApiSettings, settings, type TencentSettings } from './settings.ts';
import { voicemailId } from './voicemail-id.ts';
import { createWebhook } from './webhook.ts';

/** How far back a listing of recordings goes; older ones were pushed or found by reconciliation. */
const listedMs = 3_600_000;

/** Anyone may post to an unauthenticated hook, so that has to be meant. */
const refuseAnonymous = (given: TencentSettings, context: VendorContext): void => {
  if (given.push?.auth.type !== 'none' || context.loopbackOnly || given.allowAnonymousPush) return;
  throw new ExpectedError(
    'INVALID_INPUT',
    `${given.name}: push.auth none lets anyone who reaches this server post recordings. Set push.auth to basic or oauth2 and the same in ` +
      'the Tencent console, let the server listen on loopback only, or set allowAnonymousPush: true.',
  );
};

const agentReader = (snapshot: () => Promise<Snapshot>): AgentReader => ({
  identifiers: ['ID', 'EMAIL', 'PHONE', 'USERNAME'],
  byIdentifiers: async (lookups) => {
    const { staff, ...rest } = await snapshot();
    const agentSnapshots = new Map(seenIn({ staff, ...rest }).agentSnapshots.map((agentSnapshot) => [agentSnapshot.agent, agentSnapshot]));
    return lookups.map(({ identifier, value }) => {
      if (identifier === 'ID') return agentSnapshots.get(value) ?? null;
      const found = staff.find((one) => {
        if (identifier === 'EMAIL') return one.Mail?.toLowerCase() === value.toLowerCase();
        return identifier === 'PHONE' ? one.Phone === value : identifier === 'USERNAME' && one.StaffNumber === value;
      });
      return found?.Mail ? (agentSnapshots.get(found.Mail) ?? null) : null;
    });
  },
  list: async () => seenIn(await snapshot()).agentSnapshots,
});

const recordingReader = (api: TencentApi, context: VendorContext): RecordingReader => ({
  list: async ({ agents }, signal) => {
    const toMs = context.clock.now();
    const found: Observation[] = [];
    for await (const { details } of readDetails(api, { fromMs: toMs - listedMs, toMs }, signal)) {
      for (const detail of details) {
        const served = [detail.SeatUser?.Mail, ...detail.ServeParticipants.map(({ Mail }) => Mail)];
        if (agents === null || served.some((mail) => mail && agents.includes(mail))) found.push(...pulledObservations(detail, voicemailId));
      }
    }
    return found;
  },
});

/** What is there only where `api` is configured. */
const pulling = (given: TencentSettings & { api: ApiSettings }, context: VendorContext, api: TencentApi) => {
  const snapshot = inRounds(async () => withoutEnded(await readSnapshot(api), context.known), context.clock);
  return {
    agents: agentReader(snapshot),
    recordings: recordingReader(api, context),
    observer: createObserver(
      {
        source: given.name,
        settings: given.api,
        snapshot,
        reconcile: createReconcile({ source: given.name, api, settings: given.api }, context),
      },
      context,
    ),
  };
};

const pushed = (given: TencentSettings, context: VendorContext, health: PushHealth) =>
  given.push && {
    webhook: createWebhook(
      { source: given.name, sdkAppId: given.sdkAppId, guard: createPushGuard(given.name, given.push.auth, context.clock), health },
      context,
    ),
  };

const create = (given: TencentSettings, context: VendorContext): SourceParts => {
  refuseAnonymous(given, context);
  const clientOptions = {
    source: given.name,
    timeoutMs: given.timeoutSeconds * 1000,
    maxConcurrency: given.maxConcurrency,
    circuit: given.circuit,
  };
  const hosts = createMediaHosts(given.mediaHosts);
  const mediaClient = createVendorApi({ ...clientOptions, baseUrl: 'https://media.invalid', lookup: hosts.lookup }, context);
  const health = createPushHealth(context.clock);
  const apiClient = given.api && createVendorApi({ ...clientOptions, baseUrl: given.api.endpoint }, context);
  const api = given.api && apiClient && createTencentApi({ ...given, api: given.api }, context, apiClient);
  const pull = given.api && api ? pulling({ ...given, api: given.api }, context, api) : null;

  return {
    maxStalenessMs: (given.maxStalenessSeconds ?? (given.api ? Math.max(2 * given.api.pollSeconds, 5) : 30)) * 1000,
    confirmMs: given.confirmSeconds * 1000,
    maxAgentBlackoutMs: null,
    observes: pull ? ['OBSERVE_AGENT', 'OBSERVE_CALL'] : ['OBSERVE_CALL'],
    notes: pull ? {} : { OBSERVE_CALL: 'A call is told of when it has ended; configure api to see live calls and agents.' },
    ...pull,
    media: createMediaReader({
      source: given.name,
      client: mediaClient,
      hosts,
      clock: context.clock,
      ...(api ? { links: createLinkFinder(api, context.clock) } : {}),
    }),
    ...pushed(given, context, health),
    health: () => health.joinedWith(apiClient?.health() ?? null),
    close: async () => {
      await Promise.all([mediaClient.close(), apiClient?.close()]);
    },
  };
};

export const tencent = defineVendor<TencentSettings>({
  type: 'tencent',
  vendor: 'TENCENT_CCC',
  title: 'Tencent Cloud Contact Center: data pushes, and its API where a key is given.',
  settings,
  create,
});
