import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalTimeReader } from '../../../src/vendors/uptivity/local-time.ts';

const newYork = createLocalTimeReader({ timeZone: 'America/New_York', dateOrder: 'MDY' });

test('reads the documented time in the zone of the recorder', () => {
  assert.equal(newYork('12/08/2016 15:06:40'), '2016-12-08T20:06:40.000Z');
  assert.equal(newYork('07/08/2016 15:06:40'), '2016-07-08T19:06:40.000Z');
});

test('reads the day first where the source says so', () => {
  const london = createLocalTimeReader({ timeZone: 'Europe/London', dateOrder: 'DMY' });
  assert.equal(london('12/08/2016 15:06:40'), '2016-08-12T14:06:40.000Z');
  assert.equal(london('31/12/2016 23:59:59'), '2016-12-31T23:59:59.000Z');
});

test('holds on the day when New York springs forward', () => {
  assert.equal(newYork('03/08/2026 01:59:59'), '2026-03-08T06:59:59.000Z');
  assert.equal(newYork('03/08/2026 03:00:00'), '2026-03-08T07:00:00.000Z');
  assert.equal(newYork('03/08/2026 02:30:00'), '2026-03-08T07:30:00.000Z', 'a time that never was is as much later');
});

test('holds on the day when New York falls back', () => {
  assert.equal(newYork('11/01/2026 00:59:59'), '2026-11-01T04:59:59.000Z');
  assert.equal(newYork('11/01/2026 01:30:00'), '2026-11-01T06:30:00.000Z', 'a repeated time is the later of the two');
  assert.equal(newYork('11/01/2026 01:30:00', Date.parse('2026-11-01T05:31:00Z')), '2026-11-01T05:30:00.000Z', 'unless that lies ahead');
  assert.equal(newYork('11/01/2026 02:00:00'), '2026-11-01T07:00:00.000Z');
});

test('holds where the clocks turn by half an hour, and at midnight', () => {
  const lordHowe = createLocalTimeReader({ timeZone: 'Australia/Lord_Howe', dateOrder: 'DMY' });
  assert.equal(lordHowe('04/10/2026 01:59:00'), '2026-10-03T15:29:00.000Z');
  assert.equal(lordHowe('04/10/2026 02:30:00'), '2026-10-03T15:30:00.000Z');
  assert.equal(newYork('01/01/2026 00:00:00'), '2026-01-01T05:00:00.000Z');
  assert.equal(newYork('1/5/2026 12:05:00 AM'), '2026-01-05T05:05:00.000Z');
});

test('reads ISO 8601 with and without a zone, and dots and dashes in the order of the source', () => {
  assert.equal(newYork('2026-07-08T15:06:40.5Z'), '2026-07-08T15:06:40.500Z');
  assert.equal(newYork('2026-07-08T15:06:40+02:00'), '2026-07-08T13:06:40.000Z');
  assert.equal(newYork('2026-07-08 15:06:40'), '2026-07-08T19:06:40.000Z');
  assert.equal(newYork('07.08.2026 15:06:40'), '2026-07-08T19:06:40.000Z');
  assert.equal(newYork('7/8/2026\u00a03:06:40\u202fPM'), '2026-07-08T19:06:40.000Z', 'with the spaces that newer Windows writes');
  const berlin = createLocalTimeReader({ timeZone: 'Europe/Berlin', dateOrder: 'DMY' });
  assert.equal(berlin('08.07.2026 15:06:40'), '2026-07-08T13:06:40.000Z');
  assert.equal(berlin('08-07-2026 15:06'), '2026-07-08T13:06:00.000Z');
});

test('answers null for what lies ahead', () => {
  const nowMs = Date.parse('2026-07-08T19:06:40Z');
  assert.equal(newYork('07/08/2026 15:06:40', nowMs), '2026-07-08T19:06:40.000Z');
  assert.equal(newYork('07/08/2026 15:07:30', nowMs), '2026-07-08T19:07:30.000Z', 'clocks differ by a little');
  assert.equal(newYork('07/08/2026 16:06:40', nowMs), null);
});

test('answers null for what is no time', () => {
  for (const text of [
    '',
    'never',
    '13/08/2016 15:06:40',
    '02/30/2016 10:00:00',
    '12/08/2016 25:00:00',
    '12/08/2016 10:60:00',
    '0/1/2016 1:00',
    '0001-01-01T00:00:00',
    '01/01/0001 00:00:00',
  ]) {
    assert.equal(newYork(text), null, text);
  }
});
