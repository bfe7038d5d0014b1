import type { AuditRow, Store } from '../domain/ports/store.ts';
import { auditHash, firstPreviousHash } from './audit-hash.ts';

const chunkRows = 1_000;

export interface AuditVerdict {
  /** Rows that were read and are as they were written, up to the fault. */
  rows: number;
  fault: { sequence: number; what: 'changed' | 'missing' | 'reordered' } | null;
}

/** A row whose hash is right for another place in the trail has been moved. */
const belongsElsewhere = (row: AuditRow, last: number): boolean => {
  for (let sequence = 1; sequence <= last; sequence += 1) {
    if (auditHash({ ...row, sequence }) === row.hash) return true;
  }
  return false;
};

/** Reads the trail from its start, a chunk at a time, and returns the first row that is not as it was written. */
export const verifyAudit = async (
  store: Pick<Store, 'audit'>,
  onProgress: (rows: number, total: number) => void = () => undefined,
): Promise<AuditVerdict> => {
  const head = await store.audit.head();
  let sequence = 0;
  let previousHash = firstPreviousHash;
  const faulty = (what: 'changed' | 'missing' | 'reordered'): AuditVerdict => ({ rows: sequence, fault: { sequence: sequence + 1, what } });
  while (sequence < head.sequence) {
    const rows = await store.audit.rows(sequence, chunkRows);
    for (const row of rows) {
      if (row.sequence > head.sequence) break;
      if (row.sequence !== sequence + 1) return faulty('missing');
      if (auditHash(row) !== row.hash) return faulty(belongsElsewhere(row, head.sequence) ? 'reordered' : 'changed');
      if (row.previousHash !== previousHash) return faulty('changed');
      sequence = row.sequence;
      previousHash = row.hash;
    }
    if (rows.length === 0) return faulty('missing');
    onProgress(sequence, head.sequence);
  }
  return previousHash === head.hash ? { rows: sequence, fault: null } : { rows: sequence, fault: { sequence, what: 'changed' } };
};
