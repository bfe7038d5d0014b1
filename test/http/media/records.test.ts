/** Tests the audit entries that are written before audio leaves. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEntry, Store } from '../../../src/domain/ports/store.ts';
import { createRecords } from '../../../src/http/media/records.ts';
import { randomIds } from '../../../src/lib/clock.ts';
import { createSlices } from '../../../src/lib/slices.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';

const claims = (recording: string) => ({
  source: 'hq',
  recording,
  format: 'ORIGINAL' as const,
  caller: 'listener',
  unmasked: false,
  expiresAtMs: 0,
  byteLength: null,
});

const create = (append: (entries: readonly AuditEntry[]) => Promise<void>) => {
  const clock = createManualClock();
  const store = { audit: { append } } as unknown as Store;
  return createRecords({ store, clock, ids: randomIds, slices: createSlices(clock) });
};

describe('those who begin to listen together', () => {
  test('have an entry each, with what is silenced for them', async () => {
    const written: string[] = [];
    const records = create(async (entries) => {
      written.push(...entries.map(({ action, subject }) => `${action} ${subject.recording} ${subject.silenced ?? ''}`));
    });
    await Promise.all([
      records.served(claims('a'), [], null),
      records.served(claims('b'), [{ fromMs: 1000, toMs: 2000 }], null),
      records.served(claims('a'), [], null),
    ]);
    assert.deepEqual(written, ['media.served a ', 'media.served b 1-2', 'media.served a ']);
  });

  test('hear nothing where it cannot be written', async () => {
    const records = create(() => Promise.reject(new Error('disk full')));
    const both = await Promise.allSettled([records.served(claims('a'), [], null), records.served(claims('b'), [], null)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });
});
