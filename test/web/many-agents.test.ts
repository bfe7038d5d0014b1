import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { systemClock } from '../../src/clock.ts';
import type { Tapegraph } from '../../src/main.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { keepScreenshot, launchBrowser, openWatched } from '../support/browser.ts';
import { startConfigured } from '../support/server.ts';

const agents = 500;
const changesPerSecond = 10;
const watchedMs = 10_000;

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

test('stays smooth with five hundred agents at ten changes a second', async () => {
  const { page, context, complaints } = await openWatched(browser, `${server.url}/`);
  await page.waitForFunction((count) => document.querySelectorAll('article').length === count, agents);
  await page.waitForTimeout(2_000);
  let turn = 0;
  changes = setInterval(() => {
    turn += 1;
    const agent = recorder.agent(1 + ((turn * 37) % agents));
    if (agent.ActiveCall) recorder.floor.hangUp(agent);
    else recorder.floor.takeCall(agent, 'I');
  }, 1_000 / changesPerSecond);

  const { tasks, mutated } = await page.evaluate(async (forMs) => {
    const tasks: number[] = [];
    let mutated = 0;
    const longTasks = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    longTasks.observe({ type: 'longtask' });
    const changed = new MutationObserver((records) => {
      mutated += records.length;
    });
    changed.observe(document.querySelector('main')!, { subtree: true, attributes: true, attributeFilter: ['data-status'] });
    await new Promise((resolve) => setTimeout(resolve, forMs));
    return { tasks, mutated };
  }, watchedMs);
  const totalMs = tasks.reduce((sum, duration) => sum + duration, 0);
  const longestMs = Math.max(0, ...tasks);
  console.log(
    `# ${mutated} status changes, ${tasks.length} long tasks, ${Math.round(totalMs)} ms in all, the longest ${Math.round(longestMs)} ms`,
  );
  await keepScreenshot(page, 'wallboard-500');
  assert.ok(mutated > (changesPerSecond * watchedMs) / 1_000 / 2, `only ${mutated} changes of status reached the page`);
  assert.ok(longestMs < 200, `a task of ${Math.round(longestMs)} ms held the page up`);
  assert.ok(totalMs < watchedMs * 0.1, `long tasks took ${Math.round(totalMs)} ms of ${watchedMs}`);
  assert.deepEqual(complaints, []);
  await context.close();
});
