/** Lists recordings by the call records of the last hour. */
import { inOurTime, type Observation, type RecordingReader, type VendorClock, type VendorContext } from '../kit/index.ts';
import { agentsOf } from './call-detail.ts';
import type { TencentApi } from './client.ts';
import type { RecordingIdentity } from './identity.ts';
import { pulledObservations } from './mapping.ts';
import { readDetails } from './readers.ts';
import type { TencentSettings } from './settings.ts';

/** How far back a listing goes; older recordings were pushed or found by reconciliation. */
const listedMs = 3_600_000;

export const createRecordingReader = (
  given: TencentSettings,
  api: TencentApi,
  open: () => Promise<RecordingIdentity>,
  context: VendorContext,
  clock: VendorClock,
): RecordingReader => ({
  list: async ({ agents }, signal) => {
    const toMs = context.clock.now();
    const records = { identity: await open(), keepMonths: given.keepMonths };
    const found: Observation[] = [];
    for await (const { details } of readDetails(api, { fromMs: toMs - listedMs, toMs }, signal)) {
      const wanted = details.filter((detail) => agents === null || agentsOf(detail).some((agent) => agents.includes(agent)));
      const stored = await context.known.recordingsOfCalls(wanted.map(({ SessionId }) => SessionId));
      found.push(...wanted.flatMap((detail, index) => pulledObservations(detail, records, stored[index]!)));
    }
    return inOurTime(found, clock);
  },
});
