/** Records in the ledger and the audit trail the audio that was requested, served and refused. */
import { problemData } from '../../domain/control/problems.ts';
import type { Recording, SourceKey } from '../../domain/model/entities.ts';
import type { MediaFormat } from '../../domain/model/enums.ts';
import type { ExpectedError } from '../../domain/model/errors.ts';
import { instant } from '../../domain/model/instant.ts';
import { unknownActor } from '../../domain/model/principal.ts';
import type { Clock, Ids } from '../../domain/ports/clock.ts';
import type { AuditEntry, Store } from '../../domain/ports/store.ts';
import type { Slices } from '../../lib/slices.ts';
import { createFailures } from '../failures.ts';
import type { LinkClaims } from './link-token.ts';
import type { Range } from './ranges.ts';
import { formatIntervals, type Interval } from './silence.ts';

export interface LinkRequest {
  recording: Recording;
  format: MediaFormat;
  caller: string;
  correlationId: string;
}

const subjectOf = (recording: SourceKey, format: MediaFormat) => ({
  source: recording.source,
  recording: recording.externalId,
  format,
});

const silenced = (intervals: readonly Interval[]) => (intervals.length === 0 ? {} : { silenced: formatIntervals(intervals) });

export const createRecords = ({ store, clock, ids, slices }: { store: Store; clock: Clock; ids: Ids; slices: Slices }) => {
  const failures = createFailures((entries) => store.audit.append(entries), clock, slices);

  const write = (
    { recording, format, caller }: LinkRequest,
    outcome: { error: ExpectedError; correlationId: string } | readonly Interval[],
  ) =>
    store.transaction(async (operations) => {
      const at = instant(clock.now());
      const problem = 'error' in outcome ? problemData(outcome.error, outcome.correlationId) : null;
      await operations.commands.insert({
        id: ids.next(),
        operation: 'DOWNLOAD_MEDIA',
        status: problem === null ? 'CONFIRMED' : 'FAILED',
        source: recording.source,
        agent: recording.agent,
        recording: recording.externalId,
        blackout: null,
        requestedBy: caller,
        requestedAt: at,
        acceptedAt: problem === null ? at : null,
        completedAt: at,
        idempotencyKey: null,
        inputHash: '',
        input: { format },
        problem,
      });
      const detail = 'error' in outcome ? { code: outcome.error.code } : silenced(outcome);
      const action = problem === null ? 'media.linked' : 'media.refused';
      await operations.audit.append([{ at, actor: caller, action, subject: { ...subjectOf(recording, format), ...detail } }]);
    });

  const entry = (
    { source, recording, format, caller }: LinkClaims,
    action: string,
    detail: Readonly<Record<string, unknown>>,
  ): AuditEntry => ({
    at: instant(clock.now()),
    actor: caller,
    action,
    subject: { ...subjectOf({ source, externalId: recording }, format), ...detail },
  });

  return {
    /** Rations what is tried with links that nobody gave out. */
    forged: (client: string) =>
      failures.record({ kind: 'media.forged', client, actor: unknownActor, action: 'media.failed', subject: { code: 'FORBIDDEN' } }),
    linked: (request: LinkRequest, intervals: readonly Interval[]) => write(request, intervals),
    linkRefused: (request: LinkRequest, error: ExpectedError) => write(request, { error, correlationId: request.correlationId }),
    /** To be written before the first byte leaves. */
    served: (claims: LinkClaims, intervals: readonly Interval[], range: Range | null) => {
      const bytes = range === null ? {} : { bytes: `${range.start}-${range.end}` };
      return store.audit.append([entry(claims, 'media.served', { ...silenced(intervals), ...bytes })]);
    },
    serveFailed: (claims: LinkClaims, code: string, client: string) =>
      failures.record({ ...entry(claims, 'media.failed', { code }), kind: `media.failed ${claims.source} ${code}`, client }),
  };
};
