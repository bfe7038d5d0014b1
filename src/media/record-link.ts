/** Records in the ledger and the audit trail the links that were requested. */
import { problemData } from '../domain/control/problems.ts';
import type { Recording, SourceKey } from '../domain/model/entities.ts';
import type { MediaFormat } from '../domain/model/enums.ts';
import type { ExpectedError } from '../domain/model/errors.ts';
import { instant } from '../domain/model/instant.ts';
import type { MediaContext } from './context.ts';
import { formatIntervals, type Interval } from './silence.ts';

export interface LinkRequest {
  recording: Recording;
  format: MediaFormat;
  caller: string;
  correlationId: string;
}

/** Names the audio in an audit entry. */
export const auditedAudio = ({ source, externalId }: SourceKey, format: MediaFormat) => ({ source, recording: externalId, format });

/** Says in an audit entry which parts are silenced. */
export const auditedSilences = (intervals: readonly Interval[]) => (intervals.length === 0 ? {} : { silenced: formatIntervals(intervals) });

/** Writes a link that is about to be given, with what it silences, or the error that is answered instead. */
export const recordLink = (
  { store, clock, ids }: Pick<MediaContext, 'store' | 'clock' | 'ids'>,
  { recording, format, caller, correlationId }: LinkRequest,
  outcome: ExpectedError | readonly Interval[],
): Promise<void> =>
  store.transaction(async (operations) => {
    const at = instant(clock.now());
    const error = 'code' in outcome ? outcome : null;
    await operations.commands.insert({
      id: ids.next(),
      operation: 'DOWNLOAD_MEDIA',
      status: error === null ? 'CONFIRMED' : 'FAILED',
      source: recording.source,
      agent: recording.agent,
      recording: recording.externalId,
      blackout: null,
      requestedBy: caller,
      requestedAt: at,
      acceptedAt: error === null ? at : null,
      completedAt: at,
      idempotencyKey: null,
      inputHash: '',
      input: { format },
      problem: error && problemData(error, correlationId),
    });
    const detail = 'code' in outcome ? { code: outcome.code } : auditedSilences(outcome);
    const action = error === null ? 'media.linked' : 'media.refused';
    await operations.audit.append([{ at, actor: caller, action, subject: { ...auditedAudio(recording, format), ...detail } }]);
  });
