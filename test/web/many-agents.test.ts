import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { systemClock } from '../../src/lib/clock.ts';
import type { Tapegraph } from '../../src/main.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { keepScreenshot, launchBrowser, openWatched } from '../support/browser.ts';
import { startConfigured } from '../support/server.ts';

const agents = 500;
const changesPerSecond = 10;

let recorder: UptivitySimulator;
let server: Tapegraph;
let browser: Browser;
let changes: ReturnType<typeof setInterval> | undefined;

before(async () => {
  recorder = await startUptivitySimulator({ clock: systemClock, agents });
  for (let id = 1; id <= agents; id += 3) recorder.floor.takeCall(recorder.agent(id), 'I');
  const { timeZone, dateOrder } = recorder.switches;
  const source = {
    name: 'hq',
    vendor: 'uptivity',
    baseUrl: recorder.url,
    auth: { type: 'none' },
    timeZone,
    dateOrder,
    pollSeconds: 1,
    maxAgentBlackoutSeconds: 120,
  };
  server = await startConfigured({ sources: [source] });
  browser = await launchBrowser();
});
after(async () => {
  clearInterval(changes);
  await browser?.close();
  await server?.close(1000);
  await recorder?.close();
});

test('shows the changes of five hundred agents, ten a second', async () => {
  const { page, context, complaints } = await openWatched(browser, `${server.url}/`);
  await page.waitForFunction((count) => document.querySelectorAll('article').length === count, agents);
  const counted = page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        let mutated = 0;
        const observer = new MutationObserver((records) => {
          mutated += records.length;
          if (mutated >= wanted) resolve();
        });
        observer.observe(document.querySelector('main')!, { subtree: true, attributes: true, attributeFilter: ['data-status'] });
      }),
    50,
  );
  let turn = 0;
  changes = setInterval(() => {
    turn += 1;
    const agent = recorder.agent(1 + ((turn * 37) % agents));
    if (agent.ActiveCall) recorder.floor.hangUp(agent);
    else recorder.floor.takeCall(agent, 'I');
  }, 1_000 / changesPerSecond);
  await counted;
  await keepScreenshot(page, 'wallboard-500');
  assert.deepEqual(complaints, []);
  await context.close();
});
