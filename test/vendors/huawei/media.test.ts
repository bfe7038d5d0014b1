import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recording } from '../../../src/domain/model/entities.ts';
import { toneMp3 } from '../../../src/simulators/kit/audio.ts';
import { formatOf } from '../../../src/vendors/huawei/download-format.ts';
import { fileTypeOf } from '../../../src/vendors/huawei/media.ts';
import { arrange, never, type SettingOptions } from './gateway.ts';

/** One recording of four seconds, made and ended. */
const recorded = async (test: Parameters<typeof arrange>[0], options: SettingOptions = {}) => {
  const setting = await arrange(test, options);
  const { simulator, pass, context } = setting;
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(4_000);
  simulator.contactCenter.release('291', callId);
  await pass(3_000);
  const recording = context.recordings.get(simulator.contactCenter.files()[0]!)!;
  const open = (over: Partial<Recording> = {}) => setting.during(setting.source.media!.open({ ...recording, ...over }, { signal: never }));
  return { ...setting, recording, open };
};

const readAll = async (body: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

test('downloads by file name, encoded, with its location, in the session of the agent', async (context) => {
  const { simulator, open, recording } = await recorded(context, { switches: { poolMode: true } });
  const media = await open();
  const { url, headers } = simulator.requests.at(-1)!;
  assert.equal(url, `/agentgateway/resource/recordfile/291?recordId=${encodeURIComponent(recording.fileName!)}&filetype=1&locationId=256`);
  assert.match(url, /recordId=Y%3A%2F6%2F0%2F/);
  assert.match(String(headers.guid), /AgentGateway0$/);
  assert.deepEqual([media.encoding, media.contentType, media.range], ['ALAW_8000', 'audio/PCMA', null]);
  const bytes = await readAll(media.body);
  const seconds = (simulator.contactCenter.segments[0]!.endMs! - simulator.contactCenter.segments[0]!.beginMs) / 1000;
  assert.equal(bytes.length, Math.round(seconds * 8000));
});

test('a WAV is known by its first bytes, a raw file by the format of the site, whatever its event says', async (context) => {
  const { simulator, open } = await recorded(context, { switches: { container: 'wav' } });
  assert.equal((await open()).encoding, 'WAV');
  simulator.switches.container = 'raw';
  assert.equal((await open({ vendorData: { recordFormat: '1' } })).encoding, 'ALAW_8000');
  const vox = await recorded(context, { settings: { downloadFormat: 'VOX_6000' } });
  const durationMs = vox.recording.durationMs! * (8000 / 3000);
  assert.equal((await vox.open({ vendorData: { recordFormat: '3' }, durationMs })).encoding, 'VOX_6000');
});

test('JSON is a failure whatever the status and whatever it is called', async (context) => {
  const { simulator, open } = await recorded(context);
  const json = (retcode: string) => `{"retcode":"${retcode}","message":"no","result":""}`;
  for (const [retcode, retryable] of [
    ['104-001', false],
    ['104-002', false],
    ['104-003', false],
    ['104-004', false],
    ['104-007', false],
    ['104-010', false],
  ] as const) {
    simulator.failNext('downloadRecordFile', { status: 200, contentType: 'application/json;charset=UTF-8', body: json(retcode) });
    await assert.rejects(open(), { code: 'MEDIA_UNAVAILABLE', vendorCode: retcode, retryable });
  }
  for (const status of [404, 500]) {
    simulator.failNext('downloadRecordFile', { status, contentType: 'application/json', body: json('104-001') });
    await assert.rejects(open(), { code: 'MEDIA_UNAVAILABLE', vendorCode: '104-001' });
  }
  simulator.failNext('downloadRecordFile', { status: 200, contentType: 'application/octet-stream;charset=utf-8', body: json('104-009') });
  await assert.rejects(open(), { code: 'MEDIA_UNAVAILABLE', vendorCode: '104-009' });
  for (const body of ['<html>portal</html>', '']) {
    simulator.failNext('downloadRecordFile', { status: 200, contentType: 'application/octet-stream', body });
    await assert.rejects(open(), { code: 'MEDIA_UNAVAILABLE' });
  }
  simulator.failNext('downloadRecordFile', { status: 503, body: 'later' });
  await assert.rejects(open(), { code: 'MEDIA_UNAVAILABLE', retryable: true });
});

test('a lost session is replaced and the download goes on', async (context) => {
  const { simulator, open } = await recorded(context);
  simulator.kick('291');
  assert.ok((await readAll((await open()).body)).length > 0);
  assert.equal(simulator.calls('login'), 2);
});

test('a download takes no session by force, whatever the setting', async (context) => {
  const { simulator, open, pass } = await recorded(context, { settings: { forceSignIn: true } });
  simulator.failNext('downloadRecordFile', { retcode: '100-006' }, { times: 10 });
  await assert.rejects(open(), { vendorCode: '100-002' });
  await pass(20_000, 1_000);
  assert.deepEqual([simulator.calls('forceLogin'), simulator.sessions.signedIn()], [0, ['291']]);
  simulator.failNoMore();
  assert.ok((await open()).byteLength);
});

test('a file that is on its way is waited for a little, then is retryable', async (context) => {
  const { simulator, open, clock } = await recorded(context, { switches: { fileDelayMs: 5_000 } });
  assert.ok((await readAll((await open()).body)).length > 0);
  const tries = simulator.calls('downloadRecordFile');
  assert.ok(tries >= 2 && tries <= 4);
  simulator.switches.fileDelayMs = 3_600_000;
  await assert.rejects(open(), { code: 'MEDIA_UNAVAILABLE', vendorCode: '104-005', retryable: true, retryAfterSeconds: 5 });
  await clock.advance(660_000);
  await assert.rejects(open(), { code: 'MEDIA_UNAVAILABLE', vendorCode: '104-005', retryable: false });
});

test('what cannot be requested is refused without a call', async (context) => {
  const { simulator, open } = await recorded(context);
  const before = simulator.calls('downloadRecordFile');
  await assert.rejects(open({ state: 'RECORDING' }), { code: 'MEDIA_UNAVAILABLE', retryable: true });
  await assert.rejects(open({ fileName: null }), { code: 'MEDIA_UNAVAILABLE', retryable: false });
  await assert.rejects(open({ fileName: 'conferenceId=1;recordId0=2;' }), { code: 'MEDIA_UNAVAILABLE', retryable: false });
  await assert.rejects(open({ kind: 'SCREEN' }), { code: 'MEDIA_UNAVAILABLE' });
  assert.equal(simulator.calls('downloadRecordFile'), before);
});

test('another agent who is signed in serves when the recorded one is not', async (context) => {
  const { simulator, open } = await recorded(context, { agents: ['291', '292'] });
  await open({ agent: '999' });
  assert.match(simulator.requests.at(-1)!.url, /recordfile\/291/);
});

test('the folder tells the file type', () => {
  assert.equal(fileTypeOf('y:/1/0/20181217/120/1524488.V3'), 1);
  assert.equal(fileTypeOf('y:\\1\\0\\20181217\\120\\1524488.V3'), 1);
  assert.equal(fileTypeOf('y:/1/record/20190412/playvoice1551276018824.wav'), 2);
  assert.equal(fileTypeOf('y:/3rdfile/1/record/20190408/515/1633022.V3'), 2);
});

test('a file without a content-length has the length that it turns out to have', async (context) => {
  const { open } = await recorded(context);
  const media = await open();
  assert.equal(media.byteLength, (await readAll(media.body)).length);
});

test('a WAV whose header promises more than there is has the length of the file', async (context) => {
  const { simulator, open } = await recorded(context, { switches: { container: 'wav', cutShort: true } });
  const media = await open();
  const bytes = await readAll(media.body);
  assert.deepEqual([media.encoding, media.byteLength], ['WAV', bytes.length]);
  assert.ok(bytes.readUInt32LE(40) > bytes.length);
  assert.equal(simulator.calls('downloadRecordFile'), 1);
});

test('a bare MPEG frame is MP3', async (context) => {
  const { simulator, open } = await recorded(context);
  simulator.failNext('downloadRecordFile', { status: 200, contentType: 'application/octet-stream', body: toneMp3(1) });
  assert.deepEqual([(await open()).encoding], ['MP3']);
});

test('the length of a headerless file says how it is coded, where the setting cannot be right', async (context) => {
  const { source, open } = await recorded(context, { settings: { downloadFormat: 'VOX_8000' } });
  assert.equal((await open()).encoding, 'ALAW_8000', 'four seconds of 32,000 bytes');
  assert.deepEqual(source.health().status, 'DEGRADED');
  assert.match(source.health().lastError!, /by its length a download is ALAW, not VOX_8000; set downloadFormat: ALAW/);
  assert.equal((await open({ durationMs: 8_000 })).encoding, 'VOX_8000');
  assert.equal(source.health().status, 'UP');
  assert.equal((await open({ durationMs: null })).encoding, 'VOX_8000', 'nothing to compare with');
});

test('a length that fits no coding is reported', async (context) => {
  const { source, open } = await recorded(context);
  await open({ durationMs: 1_700 });
  assert.match(source.health().lastError!, /by its length a download is not ALAW, nor of another known format; check downloadFormat/);
  await open();
  assert.equal(source.health().status, 'UP');
});

for (const [set, bytes, durationMs, format] of [
  ['ALAW', 16_000, 2_000, 'ALAW'],
  ['ALAW', 80_000, 10_000, 'ALAW'],
  ['ALAW', 40_000, 10_000, 'VOX_8000'],
  ['ALAW', 30_000, 10_000, 'VOX_6000'],
  ['VOX_6000', 80_000, 10_000, 'ALAW'],
  ['VOX_6000', 31_000, 10_000, 'VOX_6000'],
  ['ALAW', 55_000, 10_000, 'ALAW'],
  ['VOX_6000', 16_000, 2_000, 'ALAW'],
  ['VOX_8000', 16_000, 2_000, 'ALAW'],
  ['ALAW', 6_000, 2_000, 'VOX_6000'],
  ['ALAW', 8_500, 2_300, 'VOX_8000'],
  ['VOX_8000', 6_000, 2_000, 'VOX_8000'],
  ['ALAW', 24_000, 2_000, 'ALAW'],
  ['ALAW', 12_000, 1_000, 'ALAW'],
  ['VOX_6000', 8_000, 0, 'VOX_6000'],
  ['MP3', 80_000, 10_000, 'ALAW'],
  ['ALAW', null, 10_000, 'ALAW'],
  ['ALAW', 4_000, null, 'ALAW'],
] as const) {
  test(`${set} of ${bytes} bytes and ${durationMs} ms is taken for ${format}`, () => {
    assert.equal(formatOf(set, bytes, durationMs), format);
  });
}
