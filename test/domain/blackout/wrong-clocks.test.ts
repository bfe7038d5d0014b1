/** Tests recorders whose clock is wrong, end to end: what was blacked out is silent in the download, and what is reported of it is right. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blackoutIntervals, timeSpanOf } from '../../../src/domain/model/blackout-intervals.ts';
import type { Blackout, Recording } from '../../../src/domain/model/entities.ts';
import { epochMs } from '../../../src/domain/model/instant.ts';
import type { HuaweiSwitches } from '../../../src/simulators/huawei/index.ts';
import { type HuaweiSite, openHuaweiSite, source } from '../support/huawei-site.ts';

const hour = 3_600_000;

const blockMs = 50;

/** The blocks of the downloaded file, each with when it was said, by this server's clock, and whether anything is contact in it. */
const blocksOf = ({ simulator }: HuaweiSite, aheadMs: number, samples: Int16Array) => {
  const blocks: { atMs: number; isSilent: boolean }[] = [];
  let offset = 0;
  for (const { beginMs, endMs } of simulator.contactCenter.segments) {
    for (let into = 0; into + blockMs <= endMs! - beginMs; into += blockMs) {
      const start = offset + into * 8;
      blocks.push({ atMs: beginMs - aheadMs + into, isSilent: samples.subarray(start, start + blockMs * 8).every((one) => one === 0) });
    }
    offset += Math.round((endMs! - beginMs) * 8);
  }
  return blocks;
};

/** How far from a blackout its silence may reach, where the times may be off. */
const reachMs = (recording: Recording) => 600 + 2 * (recording.timesOffByMs ?? 0);

const expectSilence = (blocks: ReturnType<typeof blocksOf>, row: Blackout, recording: Recording) => {
  const [from, to] = [epochMs(row.startsAt), epochMs(row.endedAt!)];
  const said = blocks.filter(({ atMs }) => atMs >= from && atMs + blockMs <= to);
  assert.ok(said.length > 10, 'some of what was blacked out is in the file');
  assert.deepEqual(
    said.filter(({ isSilent }) => !isSilent).map(({ atMs }) => atMs - from),
    [],
    'nothing of what was blacked out is contact',
  );
  const far = blocks.filter(({ atMs }) => atMs + blockMs < from - reachMs(recording) || atMs > to + reachMs(recording));
  assert.ok(far.length > 40);
  assert.deepEqual(
    far.filter(({ isSilent }) => isSilent).map(({ atMs }) => atMs - from),
    [],
    'the rest is contact',
  );
};

/** A call with a blackout of six seconds in it, whose stop takes effect late, and that the platform breaks once. */
const blackedOutCall = async (site: HuaweiSite) => {
  const { simulator, pass } = site;
  const { callId } = simulator.contactCenter.ring('291');
  await pass(300);
  simulator.contactCenter.talk('291', callId);
  await pass(8_000);
  const { blackout } = await site.startBlackout();
  await pass(6_000);
  await site.stopBlackout();
  await pass(8_000);
  simulator.contactCenter.release('291', callId);
  await pass(4_000);
  return { row: await site.row(blackout.id), recordings: await site.recordings() };
};

const clocks: readonly (readonly [string, number, Partial<HuaweiSwitches>])[] = [
  ['is right', 0, {}],
  ['is ten seconds ahead', 10_000, {}],
  ['is ten seconds behind', -10_000, {}],
  ['is an hour ahead', hour, {}],
  ['is eight hours ahead', 8 * hour, {}],
  ['is ten seconds ahead, with events that tell when they came to be', 10_000, { eventGenTime: true }],
  ['tells seconds', 0, { timesInSeconds: true }],
  ['is ten seconds behind and tells seconds', -10_000, { timesInSeconds: true }],
];

describe('a gateway whose clock', () => {
  for (const [name, aheadMs, switches] of clocks) {
    test(name, async (context) => {
      const site = await openHuaweiSite(context, { aheadMs, switches: { recordDelayMs: 1_500, ...switches } });
      const { row, recordings } = await blackedOutCall(site);
      assert.deepEqual([row.state, row.confirmation], ['ENDED', 'CONFIRMED']);
      assert.equal(recordings.length, 1);
      const [recording] = recordings;
      expectSilence(blocksOf(site, aheadMs, await site.download(recording!)), row, recording!);

      const [interval] = blackoutIntervals(
        recording!,
        (await site.store.blackouts.overlapping([{ agent: { source, externalId: '291' }, ...timeSpanOf(recording!) }]))[0]!,
      );
      assert.equal(interval!.blackout.id, row.id);
      const coarseMs = switches.timesInSeconds ? 1_000 : 0;
      assert.ok(Math.abs(interval!.offsetMs - 6_500) <= 500 + 2 * coarseMs, `offset ${interval!.offsetMs}`);
      // The stop took effect a second and a half after the blackout began.
      assert.equal(row.exposures.length, 1);
      const [exposure] = row.exposures;
      assert.deepEqual([exposure!.recording, exposure!.startsAt], [recording!.externalId, row.startsAt]);
      const exposedMs = epochMs(exposure!.endsAt!) - epochMs(row.startsAt);
      assert.ok(Math.abs(exposedMs - 1_500) <= 300 + coarseMs, `exposed for ${exposedMs} ms`);

      const { clockDifferenceMs, status } = site.source.health();
      assert.ok(Math.abs((clockDifferenceMs ?? 0) + aheadMs) <= 300 + coarseMs, `differs by ${clockDifferenceMs} ms`);
      assert.equal(status, Math.abs(aheadMs) > 5_000 ? 'DEGRADED' : 'UP');
    });
  }
});

describe('a node whose clock contradicts its gateway', () => {
  for (const recorderAheadMs of [10_000, -10_000, 1_900, -1_900, -700, -300]) {
    test(`by ${recorderAheadMs} ms has more silenced, not less`, async (context) => {
      const site = await openHuaweiSite(context, { switches: { recordDelayMs: 1_500, eventGenTime: true, recorderAheadMs } });
      const { row, recordings } = await blackedOutCall(site);
      const [recording] = recordings;
      assert.ok(recording!.timesOffByMs! >= Math.min(Math.abs(recorderAheadMs), 8_000), `off by ${recording!.timesOffByMs}`);
      const blocks = blocksOf(site, 0, await site.download(recording!));
      const said = blocks.filter(({ atMs }) => atMs >= epochMs(row.startsAt) && atMs + blockMs <= epochMs(row.endedAt!));
      assert.ok(said.length > 10);
      assert.ok(said.every(({ isSilent }) => isSilent));
    });
  }
});

test('a gateway that tells seconds exposes nothing where a blackout is stopped and the recording goes on at once', async (context) => {
  const site = await openHuaweiSite(context, { switches: { recordDelayMs: 50, timesInSeconds: true } });
  const { row, recordings } = await blackedOutCall(site);
  assert.deepEqual([recordings.length, recordings[0]!.timesOffByMs], [1, 1_000]);
  assert.deepEqual([row.exposures, row.warnings], [[], []]);
});

test('a recorded video call is never CONFIRMED, and stays an open exposure until it ends', async (context) => {
  const site = await openHuaweiSite(context, { aheadMs: 10_000, switches: { recordDelayMs: 200 } });
  const { simulator, pass } = site;
  const { callId } = simulator.contactCenter.ring('291');
  await pass(300);
  simulator.contactCenter.talk('291', callId);
  simulator.contactCenter.recordVideo('291');
  await pass(3_000);
  const { blackout } = await site.startBlackout();
  const video = simulator.contactCenter.segments.find(({ mediaType }) => mediaType === '2')!;
  for (let second = 0; second < 8; second += 1) {
    await pass(1_000);
    const row = await site.row(blackout.id);
    assert.equal(row.confirmation, 'ACCEPTED');
    assert.deepEqual(
      row.exposures.filter(({ recording }) => recording === video.fileName),
      [{ recording: video.fileName, startsAt: row.startsAt, endsAt: null }],
    );
    assert.ok(row.warnings.some(({ warning }) => warning === 'EXPOSED'));
  }
  assert.equal(simulator.calls('stopRecord'), 1, 'the voice is stopped');
  assert.equal(simulator.contactCenter.recordingOf('291'), null);
  assert.equal(video.endMs, null);
  await site.stopBlackout();
  await pass(3_000);
  const ended = await site.row(blackout.id);
  assert.equal(ended.state, 'ENDED');
  const exposure = ended.exposures.find(({ recording }) => recording === video.fileName)!;
  assert.deepEqual([exposure.startsAt, exposure.endsAt], [ended.startsAt, ended.stopsAt ?? ended.endedAt]);
  assert.equal(simulator.contactCenter.segments.filter(({ mediaType }) => mediaType === '2').length, 1, 'no stop of ours starts a video');
});
