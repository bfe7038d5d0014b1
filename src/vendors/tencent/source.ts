import type { VendorClock, VendorContext } from '../kit/index.ts';
import type { TencentApi } from './client.ts';
import type { RecordingIdentity } from './identity.ts';
import type { PullingSettings, TencentSettings } from './settings.ts';

/** The context that every function of the source takes first. */
export interface TencentSource {
  settings: TencentSettings;
  /** Observes in this server's time. */
  context: VendorContext;
  /** The vendor's clock, as far as its answers and pushes show it. */
  clock: VendorClock;
  openIdentity(): Promise<RecordingIdentity>;
}

/** The context of what reads the vendor's API. */
export interface PullingSource extends TencentSource {
  settings: PullingSettings;
  api: TencentApi;
}
