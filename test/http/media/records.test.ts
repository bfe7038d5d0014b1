/** Tests the audit entries that are written before audio leaves. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEntry, Store } from '../../../src/domain/ports/store.ts';
import { createFailures } from '../../../src/http/failures.ts';
import { recordServed } from '../../../src/http/media/records.ts';
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
  return { store, clock, failures: createFailures(append, clock, createSlices(clock)) };
};

describe('those who begin to listen together', () => {
  test('have an entry each, with what is silenced for them', async () => {
    const written: string[] = [];
    const context = create(async (entries) => {
      written.push(...entries.map(({ action, subject }) => `${action} ${subject.recording} ${subject.silenced ?? ''}`));
    });
    await Promise.all([
      recordServed(context, claims('a'), { intervals: [], range: null }),
      recordServed(context, claims('b'), { intervals: [{ fromMs: 1000, toMs: 2000 }], range: null }),
      recordServed(context, claims('a'), { intervals: [], range: null }),
    ]);
    assert.deepEqual(written, ['media.served a ', 'media.served b 1-2', 'media.served a ']);
  });

  test('hear nothing where it cannot be written', async () => {
    const context = create(() => Promise.reject(new Error('disk full')));
    const both = await Promise.allSettled([
      recordServed(context, claims('a'), { intervals: [], range: null }),
      recordServed(context, claims('b'), { intervals: [], range: null }),
    ]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });
});
