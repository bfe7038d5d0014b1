/** Records in the audit trail the audio that was served and refused. */
import { instant } from '../../domain/model/instant.ts';
import { unknownActor } from '../../domain/model/principal.ts';
import type { AuditEntry } from '../../domain/ports/store.ts';
import type { LinkClaims } from '../../media/link-token.ts';
import { auditedAudio, auditedSilences } from '../../media/record-link.ts';
import type { Interval } from '../../media/silence.ts';
import type { ServeContext } from './context.ts';
import type { Range } from './ranges.ts';

type RecordContext = Pick<ServeContext, 'store' | 'clock' | 'failures'>;

const entry = (
  { clock }: RecordContext,
  { source, recording, format, caller }: LinkClaims,
  { action, ...detail }: { action: string } & Readonly<Record<string, unknown>>,
): AuditEntry => ({
  at: instant(clock.now()),
  actor: caller,
  action,
  subject: { ...auditedAudio({ source, externalId: recording }, format), ...detail },
});

/** Rations what is tried with links that this server did not make. */
export const recordForged = ({ failures }: RecordContext, client: string): Promise<void> =>
  failures.record({ kind: 'media.forged', client, actor: unknownActor, action: 'media.failed', subject: { code: 'FORBIDDEN' } });

/** Is awaited before the first byte leaves. */
export const recordServed = (
  context: RecordContext,
  claims: LinkClaims,
  { intervals, range }: { intervals: readonly Interval[]; range: Range | null },
): Promise<void> => {
  const bytes = range === null ? {} : { bytes: `${range.start}-${range.end}` };
  return context.store.audit.append([entry(context, claims, { action: 'media.served', ...auditedSilences(intervals), ...bytes })]);
};

/** Rations what fails for one client. */
export const recordServeFailed = (
  context: RecordContext,
  claims: LinkClaims,
  { code, client }: { code: string; client: string },
): Promise<void> =>
  context.failures.record({
    ...entry(context, claims, { action: 'media.failed', code }),
    kind: `media.failed ${claims.source} ${code}`,
    client,
  });
