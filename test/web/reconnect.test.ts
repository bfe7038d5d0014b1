import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, WebSocketRoute } from 'playwright-core';
import { keepScreenshot, launchBrowser } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo;
let browser: Browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.close();
});

interface Subscribe {
  type: string;
  payload: { query: string; variables: { after?: string } };
}

test('says since when it is not live, comes back by itself, and resumes behind the last event', async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const connections: { socket: WebSocketRoute; subscribed: Subscribe[] }[] = [];
  let reachable = true;
  await page.routeWebSocket('**/graphql', (socket) => {
    if (!reachable) return void socket.close({ code: 1012 });
    const subscribed: Subscribe[] = [];
    connections.push({ socket, subscribed });
    const real = socket.connectToServer();
    socket.onMessage((text) => {
      const message = JSON.parse(String(text)) as Subscribe;
      if (message.type === 'subscribe') subscribed.push(message);
      real.send(text);
    });
  });
  await page.goto(demo.url);
  await page.getByRole('article').nth(20).waitFor();
  // A snapshot counts as whole once nothing of it has come for a second.
  await page.waitForTimeout(2_500);
  const shown = await page.getByRole('article').count();

  reachable = false;
  await connections[0]!.socket.close({ code: 1012, reason: 'restart' });
  await page
    .getByRole('alert')
    .getByText(/^Not live since \d/)
    .waitFor();
  await page.getByText('Not live', { exact: true }).waitFor();
  assert.equal(await page.getByRole('article').count(), shown, 'what was last seen stays on the board');
  await keepScreenshot(page, 'wallboard-stale');

  reachable = true;
  await page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();
  await page.getByText(/^Not live since/).waitFor({ state: 'detached' });
  const { subscribed } = connections.at(-1)!;
  const agents = subscribed.find(({ payload }) => payload.query.includes('agentChanged'))!;
  assert.match(agents.payload.variables.after ?? '', /^\d+$/);
  assert.equal(await page.getByRole('article').count(), shown);
  await context.close();
});

test('starts anew where the server no longer knows what was missed', async () => {
  const { port } = new URL(demo.url);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(demo.url);
  await page.getByRole('article').nth(20).waitFor();
  await page.waitForTimeout(1_500);
  await demo.close();
  await page
    .getByRole('alert')
    .getByText(/^Not live since \d/)
    .waitFor();
  demo = await startDemo({ port: Number(port), seed: 7 });
  await page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();
  const earlier = await page.locator('article').allInnerTexts();
  await page.waitForFunction(
    (before) => [...document.querySelectorAll('article')].map((tile) => tile.textContent).join() !== before,
    earlier.join(),
  );
  await page.getByRole('article').nth(20).waitFor();
  await context.close();
});
