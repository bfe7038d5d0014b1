import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ObservationBatch } from '../../../src/domain/model/observation.ts';
import { createFreshLists } from '../../../src/domain/observe/listing.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';

it('a list is read after it was requested, once for all requests during the read before', async () => {
  const reads: PromiseWithResolvers<void>[] = [];
  const batches: ObservationBatch[] = [];
  const source = {
    name: 'hq',
    agents: {
      list: async () => {
        const read = Promise.withResolvers<void>();
        reads.push(read);
        await read.promise;
        const agent = String(reads.length);
        return [{ agent, observations: [] }];
      },
    },
  } as unknown as VendorSource;
  const readFreshList = createFreshLists({ clock: createManualClock(5000), observe: async (_, batch) => void batches.push(batch) });
  const first = [readFreshList(source), readFreshList(source)];
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(reads.length, 1);
  const second = [readFreshList(source), readFreshList(source)];
  reads[0]!.resolve();
  assert.deepEqual(await Promise.all(first), [['1'], ['1']]);
  while (reads.length < 2) await Promise.resolve();
  reads[1]!.resolve();
  assert.deepEqual(await Promise.all(second), [['2'], ['2']]);
  assert.deepEqual(
    batches.map(({ asOfMs, complete, listed }) => [asOfMs, complete, listed]),
    [
      [5000, true, ['1']],
      [5000, true, ['2']],
    ],
  );
});
