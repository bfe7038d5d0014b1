import type { Domain } from './domain/create-domain.ts';
import { instant } from './domain/model/instant.ts';
import { storedLetter } from './domain/observe/dead-letters.ts';
import { knownToVendor } from './domain/observe/known-to-vendor.ts';
import type { LiveState } from './domain/observe/live-state.ts';
import type { Clock } from './domain/ports/clock.ts';
import type { Log } from './domain/ports/log.ts';
import type { Store } from './domain/ports/store.ts';
import type { VendorContext } from './domain/ports/vendor-context.ts';
import { isPush } from './observability/correlation.ts';
import type { Metrics } from './observability/metrics.ts';
import type { Tracing } from './observability/tracing.ts';

export interface VendorServices {
  clock: Clock;
  log: Log;
  store: Store;
  liveState: LiveState;
  domain: Domain;
  metrics: Metrics;
  tracing: Tracing | null;
}

/** The parts of the server that a source may use. */
export const createVendorContext = (source: string, services: VendorServices): VendorContext => {
  const { clock, log, store, liveState, domain, metrics, tracing } = services;
  return {
    clock,
    log,
    observe: (batch) => {
      if (isPush()) metrics.vendors.measurePush(source, batch);
      return domain.observe(source, batch);
    },
    state: store.vendorState(source),
    deadLetter: (letter) => store.deadLetters.add({ source, at: instant(clock.now()), ...storedLetter(letter) }),
    known: knownToVendor(source, { store, liveState }),
    measure: (operation, outcome, ms) => {
      metrics.vendors.measureCall({ source, operation, outcome, ms });
      if (outcome !== 'OK') log.info('a vendor call failed', { source, operation, outcome, ms: Math.round(ms) });
    },
    meter: {
      ...metrics.vendors.meter(source),
      span: (operation, work) => {
        const call = { name: `vendor ${operation}`, attributes: { 'tapegraph.source': source }, kind: 'client' as const };
        return tracing ? tracing.span(call, work) : work();
      },
    },
    outageEnded: (sinceMs) => domain.onOutageEnded(source, sinceMs),
  };
};
