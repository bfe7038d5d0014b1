import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import type { VendorContext } from '../../../src/domain/ports/vendor-context.ts';
import type { WebhookRequest, WebhookResponse } from '../../../src/domain/ports/webhook.ts';
import { startTencentSimulator, type TencentSimulator, type TencentSimulatorOptions } from '../../../src/simulators/tencent/index.ts';
import { createManualClock, type ManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext, type RecordedVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { createIdentity, type RecordingIdentity } from '../../../src/vendors/tencent/identity.ts';
import { tencent } from '../../../src/vendors/tencent/index.ts';

export const never = new AbortController().signal;

export const sample = (name: string): string => readFileSync(new URL(`samples/${name}.txt`, import.meta.url), 'utf8');

export interface PushOptions {
  action?: string;
  query?: string;
  headers?: Record<string, string>;
  path?: string;
  method?: string;
}

export const post = (source: VendorSource, body: string | Uint8Array, options: PushOptions = {}): Promise<WebhookResponse> => {
  const request: WebhookRequest = {
    method: options.method ?? 'POST',
    path: options.path ?? '',
    query: new URLSearchParams(options.query ?? (options.action === undefined ? '' : `action=${options.action}&version=1`)),
    headers: { 'content-type': 'application/json;charset=utf8', ...options.headers },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
  return source.webhook!.handle(request);
};

export const acknowledged = '{"ErrCode":0,"ErrMsg":""}';

export const sdkAppId = 1_400_264_214;
const anonymous = { name: 'desk', vendor: 'tencent', sdkAppId, push: { auth: { type: 'none' } } };

/** A source that is only pushed to, without credentials. */
export const pushedSource = (
  t: TestContext,
  overrides: { settings?: object; context?: Partial<VendorContext> } = {},
): { source: VendorSource; context: RecordedVendorContext; clock: ManualClock } => {
  const clock = createManualClock();
  const context = createVendorContext({ clock, ...overrides.context });
  const source = tencent.create(tencent.settings.parse({ ...anonymous, ...overrides.settings }), context);
  t.after(() => source.close());
  return { source, context, clock };
};

/** A source with an API key, in front of a simulator. */
export const startTencent = async (
  t: TestContext,
  options: {
    simulator?: Partial<TencentSimulatorOptions>;
    settings?: object;
    api?: object;
    context?: Partial<VendorContext>;
    /** By how much the vendor's clock is ahead of the server's. */
    aheadMs?: number;
  } = {},
): Promise<{ simulator: TencentSimulator; source: VendorSource; context: RecordedVendorContext; clock: ManualClock }> => {
  const clock = createManualClock();
  const context = createVendorContext({ clock, ...options.context });
  const simulator = await startTencentSimulator({
    clock: { ...clock, now: () => clock.now() + (options.aheadMs ?? 0) },
    ...options.simulator,
  });
  const { url: endpoint, secretId, secretKey } = simulator;
  const source = tencent.create(
    tencent.settings.parse({
      ...anonymous,
      api: { endpoint, secretId, secretKey, ...options.api },
      mediaHosts: [simulator.mediaHost],
      ...options.settings,
    }),
    context,
  );
  t.after(async () => {
    await source.close();
    await simulator.close();
  });
  return { simulator, source, context, clock };
};

/** The identity under the key that the source has made. */
export const identityIn = ({ stored }: RecordedVendorContext): RecordingIdentity => createIdentity(JSON.parse(stored.get('endpointKey')!));

export const agentsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ mail: `agent${index + 1}@example.com`, name: `Agent ${index + 1}` }));
