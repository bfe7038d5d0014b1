import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Tapegraph } from '../../src/main.ts';
import type { UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { type Board, startBoard } from '../support/board.ts';
import { keepScreenshot, openWatched } from '../support/browser.ts';

const agents = 500;
const changesPerSecond = 10;

let recorder: UptivitySimulator;
let server: Tapegraph;
let browser: Browser;
let changes: ReturnType<typeof setInterval> | undefined;
let close: Board['close'] | undefined;

before(async () => {
  ({ recorder, server, browser, close } = await startBoard({
    agents,
    inCall: Array.from({ length: Math.ceil(agents / 3) }, (_, index) => 1 + 3 * index),
  }));
});
after(async () => {
  clearInterval(changes);
  await close?.();
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
    if (agent.ActiveCall) recorder.contactCenter.hangUp(agent);
    else recorder.contactCenter.takeCall(agent, 'I');
  }, 1_000 / changesPerSecond);
  await counted;
  await keepScreenshot(page, 'wallboard-500');
  assert.deepEqual(complaints, []);
  await context.close();
});
