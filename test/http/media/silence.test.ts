/** Which intervals of a file are silenced where its length, the vendor's times and the blackouts contradict each other. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newBlackout } from '../../../src/domain/blackout/row.ts';
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { instant } from '../../../src/domain/model/instant.ts';
import { silencesOf } from '../../../src/media/silence.ts';

const t0 = Date.UTC(2026, 0, 5, 9, 0, 0);
const at = (seconds: number) => instant(t0 + seconds * 1000);

/** Of 60 seconds, with a blackout from 20 to 30. */
const recording = { externalId: 'rec-1', formerId: null, startedAt: at(0), endedAt: at(60), durationMs: null };
const blackout = (fields: Partial<Blackout> = {}): Blackout => ({
  ...newBlackout({
    id: 'b',
    source: 'hq',
    agent: '1',
    state: 'ENDED',
    confirmation: 'CONFIRMED',
    support: 'EMULATED',
    reason: 'CARD_PAYMENT',
    note: null,
    requestedBy: 'alice',
    requestedAt: at(20),
    startsAt: at(20),
    deadline: at(80),
  }),
  endedAt: at(30),
  ...fields,
});
const seconds = (...given: Parameters<typeof silencesOf>) => silencesOf(...given).map(({ fromMs, toMs }) => [fromMs / 1000, toMs / 1000]);

describe('an emulated blackout', () => {
  test('of which nothing was recorded leaves nothing to silence', () => {
    assert.deepEqual(seconds(recording, [blackout()], 50_000), []);
  });

  test('of which all was recorded is silenced as it was', () => {
    assert.deepEqual(seconds(recording, [blackout()], 60_000), [[20, 30]]);
  });

  test('is silenced wider by what the file is longer than its times', () => {
    assert.deepEqual(seconds(recording, [blackout()], 65_000), [[15, 35]]);
  });

  test('is silenced wider by what the times may be off, also where it lies beside the recording by them', () => {
    assert.deepEqual(seconds({ ...recording, timesOffByMs: 10_000 }, [blackout()], 60_000), [[10, 40]]);
    assert.deepEqual(seconds({ ...recording, timesOffByMs: 10_000 }, [blackout({ startsAt: at(-15), endedAt: at(-5) })], 60_000), [[0, 5]]);
    assert.deepEqual(seconds(recording, [blackout({ startsAt: at(-15), endedAt: at(-5) })], 60_000), []);
  });

  test('is silenced by either length where the vendor tells another than the file has', () => {
    assert.deepEqual(seconds({ ...recording, durationMs: 50_000 }, [blackout()], 50_400), []);
    assert.deepEqual(seconds({ ...recording, durationMs: 50_000 }, [blackout()], 60_000), [[20, 30]]);
  });
});

test('a native blackout is silenced where it was exposed, wider by what the times may be off', () => {
  const exposures = [{ recording: 'rec-1', startsAt: at(22), endsAt: at(24) }];
  const native = blackout({ support: 'NATIVE', exposures });
  assert.deepEqual(seconds(recording, [native], null), [[22, 24]]);
  assert.deepEqual(seconds({ ...recording, timesOffByMs: 3_000 }, [native], null), [[19, 27]]);
});
