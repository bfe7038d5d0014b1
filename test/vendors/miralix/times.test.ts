import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextFloor } from '../../../src/vendors/miralix/cursor.ts';
import { millisecondsBetween, toInstant } from '../../../src/vendors/miralix/times.ts';

test('a time keeps every digit it came with', () => {
  const times: Record<string, string | null> = {
    '2020-10-22T10:29:53.1696606Z': '2020-10-22T10:29:53.1696606Z',
    '2020-10-22T10:29:53.169660Z': '2020-10-22T10:29:53.169660Z',
    '2020-10-22T10:29:53.1Z': '2020-10-22T10:29:53.1Z',
    '2020-10-22T10:29:53Z': '2020-10-22T10:29:53Z',
    '2020-10-22T10:29:53.1696606': '2020-10-22T10:29:53.1696606Z',
    '2020-10-22T12:29:53.1696606+02:00': '2020-10-22T10:29:53.1696606Z',
    '2020-13-22T10:29:53Z': null,
    '2020-02-30T10:29:53Z': null,
    '2020-02-29T10:29:53Z': '2020-02-29T10:29:53Z',
    '0001-01-01T00:00:00': null,
    yesterday: null,
    '': null,
  };
  for (const [given, expected] of Object.entries(times)) assert.equal(toInstant(given), expected, given);
  assert.equal(toInstant(null), null);
});

test('a duration counts the digits past milliseconds', () => {
  assert.equal(millisecondsBetween('2020-10-22T10:29:53.1696606Z', '2020-10-22T10:30:00.2458428Z'), 7076);
  assert.equal(millisecondsBetween('2020-10-22T10:29:53.0009Z', '2020-10-22T10:29:54.0001Z'), 999);
  assert.equal(millisecondsBetween('2020-10-22T10:29:54Z', '2020-10-22T10:29:53Z'), null);
  assert.equal(millisecondsBetween(null, '2020-10-22T10:29:53Z'), null);
});

test('the floor trails both by ids and by hours, and never falls', () => {
  const nowMs = Date.UTC(2026, 0, 5, 12);
  const item = (id: number, hour: number) => ({ id, startedAt: null, endedAt: new Date(Date.UTC(2026, 0, 5, hour)).toISOString() });
  const floorAfter = (floor: number, segments: Parameters<typeof nextFloor>[0]['segments'], window: { calls: number; hours: number }) =>
    nextFloor({ floor, segments, window, nowMs });
  const day = [item(100, -30), item(200, -20), item(300, 2), item(250, 11)];
  assert.equal(floorAfter(0, day, { calls: 0, hours: 12 }), 249, 'younger than twelve hours is read again');
  assert.equal(floorAfter(0, day, { calls: 120, hours: 0 }), 180, 'so are the last ids');
  assert.equal(floorAfter(0, day, { calls: 120, hours: 12 }), 180);
  assert.equal(floorAfter(200, day, { calls: 120, hours: 12 }), 200);
  assert.equal(floorAfter(7, [], { calls: 0, hours: 0 }), 7);
  assert.equal(floorAfter(0, [{ id: 9, startedAt: null, endedAt: null }], { calls: 0, hours: 12 }), 9);
});
