import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, openWatched } from '../../support/browser.ts';
import { type RunningDemo, startDemo } from '../../support/demo.ts';

/** Plays, seeks and measures a file. Runs in the browser, so it may use no names from here. */
const play = async (url: string) => {
  const audio = new Audio(url);
  const until = (name: string) =>
    new Promise<void>((resolve, reject) => {
      audio.addEventListener(name, () => resolve(), { once: true });
      audio.addEventListener('error', () => reject(new Error(`${audio.error?.code} ${audio.error?.message}`)), { once: true });
    });
  audio.muted = true;
  const loaded = until('loadedmetadata');
  audio.preload = 'auto';
  audio.load();
  await loaded;
  const { duration } = audio;
  const sought = until('seeked');
  audio.currentTime = duration / 2;
  await sought;
  const reached = audio.currentTime;
  const ended = until('ended');
  await audio.play();
  audio.currentTime = Math.max(0, duration - 0.3);
  await ended;
  return { duration, reached, end: audio.currentTime };
};

describe('the demo’s recordings play in a browser', { timeout: 120_000 }, () => {
  let demo: RunningDemo;
  let browser: Browser;

  before(async () => {
    demo = await startDemo();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await demo?.close();
  });

  const ask = async <T>(query: string, variables: object = {}): Promise<T> => {
    const response = await fetch(`${demo.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  };

  /** The first recording of the vendor whose audio is there; the demo's agents take calls all the time. */
  const linkOf = async (vendor: string, format: string): Promise<{ url: string; byteLength: number | null }> => {
    const { sources } = await ask<{ sources: { name: string; vendor: string }[] }>('{ sources { name vendor } }');
    const source = sources.find((one) => one.vendor === vendor)!.name;
    const query = `query ($sources: [String!], $format: MediaFormat) { recordings(filter: { sources: $sources, kinds: [AUDIO], states: [STOPPED, AVAILABLE] }) {
      nodes { media(format: $format) { ... on RecordingMedia { url byteLength } } } } }`;
    for (;;) {
      const { recordings } = await ask<{ recordings: { nodes: { media: { url?: string; byteLength: number | null } }[] } }>(query, {
        sources: [source],
        format,
      });
      const found = recordings.nodes.find(({ media }) => media.url !== undefined && (media.byteLength ?? 0) > 2000);
      if (found) return { url: found.media.url!, byteLength: found.media.byteLength };
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };

  for (const [vendor, format, bytesPerSecond] of [
    ['MIRALIX_OFFICETEAM', 'ORIGINAL', 1000],
    ['TENCENT_CCC', 'ORIGINAL', 1000],
    ['HUAWEI_CC_GATEWAY', 'WAV', 16_000],
  ] as const) {
    test(`${vendor}, ${format}`, async () => {
      const { url, byteLength } = await linkOf(vendor, format);
      assert.ok(url.startsWith(`${demo.url}/media/`));
      const { page, complaints, foreign } = await openWatched(browser, demo.url);
      // Code that tsx compiles calls this by name, and the page does not have it.
      await page.evaluate('globalThis.__name = (value) => value');
      const { duration, reached, end } = await page.evaluate(play, url);
      assert.ok(Math.abs(duration - byteLength! / bytesPerSecond) < 0.2, `${duration} s of ${byteLength} bytes`);
      assert.ok(Math.abs(reached - duration / 2) < 0.05, `sought to ${reached} of ${duration} s`);
      assert.ok(Math.abs(end - duration) < 0.2, `ended at ${end} of ${duration} s`);
      assert.deepEqual([complaints, foreign], [[], []]);
    });
  }
});
