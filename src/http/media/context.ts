import type { Log } from '../../domain/ports/log.ts';
import { createQuotas, type Quotas } from '../../lib/quotas.ts';
import type { Slices } from '../../lib/slices.ts';
import type { MediaContext } from '../../media/context.ts';
import { createFailures, type Failures } from '../failures.ts';

/** The context of the route that serves audio. */
export interface ServeContext extends MediaContext {
  log: Log;
  /** Rations and records what is tried in vain. */
  failures: Failures;
  /** Answers under way. */
  opens: Quotas;
}

export const createServeContext = (media: MediaContext, { slices, log }: { slices: Slices; log: Log }): ServeContext => ({
  ...media,
  log,
  failures: createFailures((entries) => media.store.audit.append(entries), media.clock, slices),
  opens: createQuotas(),
});
