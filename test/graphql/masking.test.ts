import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBlackout } from '../../src/domain/blackout/row.ts';
import { emptyAgent } from '../../src/domain/model/empty-rows.ts';
import type { Agent, Call, Recording } from '../../src/domain/model/entities.ts';
import { mask, maskAgent, maskBlackout, maskCall, maskRecording, maskValue } from '../../src/graphql/masking.ts';

test('digits are masked however they are grouped', () => {
  const numbers = [
    '+45 70 10 20 30',
    '06 12 34 56 78',
    '70.10.20.30',
    '70/10/20/30',
    '70:10:20:30',
    '70,10,20,30',
    '06:12:34:56:12',
    '70;10;20;30',
    '70 #10 #20',
    '2026-01-05T70102030Z',
    '70\u200b10\u200b20',
    '\uff17\uff10\uff11\uff10',
    'a@b.example',
  ];
  for (const text of numbers) assert.equal(maskValue(text), '•••', text);
});

test('times, UUIDs and words stay readable', () => {
  for (const text of ['Sales', 'gate 7', '2026-01-05T09:30:00.000Z', '2026-01-05', 'a1b2c3d4-0000-4000-8000-123456789abc', 'v6.5', '12:30'])
    assert.equal(maskValue(text), text);
  assert.equal(maskValue(null), null);
});

test('a number is masked however it is disguised, and dates, times and UUIDs that stand by themselves are not', () => {
  const disguised = [
    '7010-20-30',
    '+45 4570-10-20',
    '+45 2010-10-20',
    '06 1234-56-78',
    '020-7946-09-58',
    '70\u{3164}10\u{3164}20\u{3164}30',
    '70     10     20     30',
    '70 ... 10 ... 20 ... 30',
    '\u{2077}\u{2070}\u{b9}\u{2070}\u{b2}\u{2070}',
    'bo\u{ff20}firma.dk',
  ];
  for (const text of disguised) assert.equal(maskValue(text), '•••', text);
  const ordinary = [
    'due 2026-11-29',
    'from 2026-11-29 to 2026-12-01',
    '2026-11-29T10:15:00.123Z',
    '2026-11-29 10:15',
    'order 550e8400-e29b-41d4-a716-446655440000',
    'call 12 of 15',
    'on hold 10:20:30',
    '10:20:30, 11:00:05.250',
    'from 09:15 - 10:45',
    '2026-11-29T10:15:00+01:00',
    'item 12 550e8400-e29b-41d4-a716-446655440000',
  ];
  for (const text of ordinary) assert.equal(maskValue(text), text);
});

test('the name of a caller is masked where it is an address or a phone number, also with its scheme, and not where it is a word or an id', () => {
  const at = '2026-01-05T09:30:00Z';
  const row = newBlackout({
    ...{ id: 'b', source: 'hq', agent: '1', state: 'ACTIVE', confirmation: 'PENDING', support: 'NATIVE', reason: 'OTHER', note: null },
    ...{ requestedBy: '', requestedAt: at, startsAt: at, deadline: at },
  });
  const shownAs = (requestedBy: string) => maskBlackout({ ...row, requestedBy }).requestedBy;
  for (const name of [
    '+45 70 10 20 30',
    'tel:+4570102030',
    'sip:70102030',
    'Bo <tel:70102030>',
    '\uff17\uff10\uff11\uff10\uff12\uff10\uff13\uff10',
  ])
    assert.match(shownAs(name), /•••/, name);
  assert.equal(shownAs('sip:bo@example.com'), '•••@•••');
  for (const name of ['crm', 'crm-2026', 'auth0|5f7c8ec7c33c6c004bbafe82', '550e8400-e29b-41d4-a716-446655440000', '4711'])
    assert.equal(shownAs(name), name);
});

test('what is left of a number is its own last two digits', () => {
  assert.equal(mask('CUSTOMER 70102030 Bo'), '•••30');
  assert.equal(mask('+4583146206'), '•••06');
  assert.equal(mask('12 Bo'), '•••');
});

/** The fields of an entity that still show a number which stands in each of them. */
const fieldsThatShow = <T extends object>(entity: T, masked: (whole: T) => T): string[] => {
  const number = '+45 70 10 20 30';
  const whole = Object.fromEntries(Object.keys(entity).map((name) => [name, number]));
  return Object.entries(masked({ ...entity, ...whole, ...lists }))
    .filter(([, value]) => value === number)
    .map(([name]) => name)
    .sort();
};
const lists = { devices: [], legs: [], metadata: [], agents: [], inactiveCalls: [], desktopRecordings: [] };

test('only identifiers, words of this server and times stay readable', () => {
  const key = { source: 'hq', externalId: '1' };
  const times = { startedAt: null, endedAt: null };
  assert.deepEqual(
    fieldsThatShow<Agent>(emptyAgent(key), maskAgent).filter((name) => !/At$|Since$/.test(name)),
    ['activeCall', 'externalId', 'source', 'status', 'syncId'],
  );
  const call: Call = {
    ...{ ...key, ...times, state: 'ACTIVE', vendorState: null, direction: 'INBOUND', caller: null, called: null, queue: null },
    ...{ answeredAt: null, legs: [], agents: [], metadata: [] },
  };
  assert.deepEqual(
    fieldsThatShow<Call>(call, maskCall).filter((name) => !/At$/.test(name)),
    ['direction', 'externalId', 'source', 'state'],
  );
  const recording: Recording = {
    ...{
      ...key,
      ...times,
      vendorId: null,
      kind: 'AUDIO',
      state: 'STOPPED',
      vendorState: null,
      isDuplicate: false,
      agent: null,
      call: null,
    },
    ...{ party: 'AGENT', endpoint: null, fileName: null, durationMs: null, availableUntil: null, formerId: null, vendorData: null },
  };
  assert.deepEqual(
    fieldsThatShow<Recording>(recording, maskRecording).filter((name) => !/At$|Until$|^isDuplicate$|^durationMs$|^vendorData$/.test(name)),
    ['agent', 'call', 'externalId', 'formerId', 'kind', 'party', 'source', 'state', 'vendorId'],
  );
  const [entry] = maskCall({ ...call, metadata: [{ key: '70102030', value: '70102030' }] }).metadata;
  assert.deepEqual(entry, { key: '•••', value: '•••' });
});
