import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { settingsOf } from './source.ts';

const settings = { name: 'hq', vendor: 'uptivity', baseUrl: 'http://127.0.0.1:1', timeZone: 'America/New_York' };
const sourceWith = (changes: Record<string, unknown> = {}) =>
  uptivity.create(settingsOf('http://127.0.0.1:1/recorder', changes), createVendorContext());
const faultsOf = (block: Record<string, unknown>) => {
  const result = uptivity.settings.safeParse(block);
  assert.equal(result.success, false);
  return result.error.issues.map(({ path, code }) => `${path.join('.')}${code === 'unrecognized_keys' ? '?' : ''}`);
};

test('reads the documented block and fills in what it leaves out', () => {
  const read = uptivity.settings.parse(settings);
  assert.deepEqual([read.dateOrder, read.pollSeconds, read.maxAgentBlackoutSeconds, read.auth], ['MDY', 2, 300, { type: 'none' }]);
});

test('names every fault at once', () => {
  const faults = faultsOf({
    ...settings,
    baseUrl: 'ftp://recorder',
    timeZone: 'Mars/Olympus',
    dateOrder: 'YMD',
    pollSeconds: 0,
    pollSecond: 1,
  });
  assert.deepEqual(faults.sort(), ['?', 'baseUrl', 'dateOrder', 'pollSeconds', 'timeZone']);
});

test('refuses half a credential, a zone left out, and credentials in the URL', () => {
  assert.deepEqual(faultsOf({ ...settings, auth: { type: 'basic', username: 'api' } }), ['auth.password']);
  assert.deepEqual(faultsOf({ ...settings, timeZone: undefined }), ['timeZone']);
  assert.deepEqual(faultsOf({ ...settings, baseUrl: 'http://api:secret@127.0.0.1' }), ['baseUrl']);
  assert.deepEqual(faultsOf({ ...settings, auth: { type: 'headers', headers: { 'X Key': 'a' } } }), ['auth.headers.X Key']);
});

test('takes live state for fresh as long as two polls, and no shorter than 5 s, unless set otherwise', () => {
  assert.equal(sourceWith().maxStalenessMs, 5000);
  assert.equal(sourceWith({ pollSeconds: 10 }).maxStalenessMs, 20_000);
  assert.equal(sourceWith({ maxStalenessSeconds: 0 }).maxStalenessMs, 0);
});

test('offers what the vendor can do and nothing else', () => {
  const source = sourceWith({ maxAgentBlackoutSeconds: 60 });
  assert.deepEqual(Object.keys(source.control ?? {}).length, 8);
  assert.equal(source.maxAgentBlackoutMs, 60_000);
  assert.equal(source.blackouts?.support, 'NATIVE');
  assert.equal(source.blackouts?.confirmable, false);
  assert.equal(source.metadataKeys?.join(), Array.from({ length: 15 }, (_, place) => `user${place + 1}`).join());
  for (const missing of ['media', 'recordings', 'webhook', 'sessions']) assert.equal(missing in source, false, missing);
});
