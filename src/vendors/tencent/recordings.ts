/** Lists recordings by the call records of the last hour. */
import { inOurTime, type Observation, type RecordingReader } from '../kit/index.ts';
import { agentsOf } from './call-detail.ts';
import { pulledObservations } from './mapping.ts';
import { readDetails } from './readers.ts';
import type { PullingSource } from './source.ts';

/** How far back a listing goes; older recordings were pushed or found by reconciliation. */
const listedMs = 3_600_000;

export const createRecordingReader = ({ settings, api, openIdentity, context, clock }: PullingSource): RecordingReader => ({
  list: async ({ agents }, signal) => {
    const toMs = context.clock.now();
    const records = { identity: await openIdentity(), keepMonths: settings.keepMonths };
    const found: Observation[] = [];
    for await (const { details } of readDetails(api, { fromMs: toMs - listedMs, toMs }, signal)) {
      const wanted = details.filter((detail) => agents === null || agentsOf(detail).some((agent) => agents.includes(agent)));
      const stored = await context.known.recordingsOfCalls(wanted.map(({ SessionId }) => SessionId));
      found.push(...wanted.flatMap((detail, index) => pulledObservations(detail, records, stored[index]!)));
    }
    return inOurTime(found, clock);
  },
});
