import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ask } from '../support/ask.ts';
import { graveFindings, keepScreenshot, launchBrowser, openWatched, type WatchedPage } from '../support/browser.ts';
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

const tiles = (page: Page) => page.getByRole('list', { name: 'Agents' }).getByRole('article');

const openBoard = async (path = '', options = {}): Promise<WatchedPage> => {
  const watched = await openWatched(browser, `${demo.url}/${path}`, options);
  await tiles(watched.page).first().waitFor();
  return watched;
};

const agentCount = async (): Promise<number> =>
  (await ask<{ agents: { totalCount: number } }>(demo.url, '{ agents(first: 1) { totalCount } }')).agents.totalCount;

test('shows the agents of all sources live, with nothing from another origin and nothing to complain about', async () => {
  const { page, context, complaints, foreign } = await openBoard();
  const expected = await agentCount();
  await page.waitForFunction((count) => document.querySelectorAll('article').length === count, expected);
  await page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();
  const sources = page.getByRole('list', { name: 'Sources' }).getByRole('button');
  assert.equal(await sources.count(), 4);
  await keepScreenshot(page, 'wallboard-light');
  assert.deepEqual(await graveFindings(page), []);
  const firstPaintMs = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime);
  console.log(`# first paint after ${Math.round(firstPaintMs)} ms`);
  assert.deepEqual({ complaints, foreign }, { complaints: [], foreign: [] });
  await context.close();
});

test('how many calls wait is shown whole, however little room the bar has', async () => {
  const { page, context } = await openBoard();
  for (const width of [1024, 1280, 1440, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    const handle = await page.waitForFunction(() => {
      const queues = document.querySelector('fieldset[aria-label="Queues"]');
      const waiting = queues?.querySelector('[data-waiting]');
      if (!queues || !waiting?.querySelector('time')) return null;
      return { from: queues.getBoundingClientRect().left, label: waiting.getBoundingClientRect().left };
    });
    const { from, label } = (await handle.jsonValue())!;
    assert.ok(label >= from, `at a width of ${width} the label begins ${from - label} px before its bar`);
  }
  await context.close();
});

test('a change at a recorder shows without a reload', async () => {
  const { page, context } = await openBoard();
  const statuses = () =>
    page.locator('article').evaluateAll((all) => all.map((tile) => `${tile.getAttribute('aria-label')} ${tile.dataset.status}`).join());
  const earlier = await statuses();
  await page.waitForFunction(
    (before) =>
      [...document.querySelectorAll('article')].map((tile) => `${tile.getAttribute('aria-label')} ${tile.dataset.status}`).join() !==
      before,
    earlier,
  );
  await context.close();
});

test('filters by source and status and searches, and keeps the filter in the address', async () => {
  const { page, context } = await openBoard();
  await page.getByRole('button', { name: /^greenbox/ }).click();
  const { agents } = await ask<{ agents: { totalCount: number } }>(
    demo.url,
    '{ agents(first: 1, filter: { sources: ["greenbox"] }) { totalCount } }',
  );
  await page.waitForFunction((count) => document.querySelectorAll('article').length === count, agents.totalCount);
  assert.match(page.url(), /sources=greenbox/);
  assert.equal(await page.getByRole('button', { name: /^greenbox/ }).getAttribute('aria-pressed'), 'true');

  await page.keyboard.press('/');
  await page.keyboard.type('sofie');
  await page.waitForFunction(() => document.querySelectorAll('article').length === 1);
  await page.reload();
  await tiles(page).first().waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), 'sofie');
  await page.waitForFunction(() => document.querySelectorAll('article').length === 1);

  await page.getByRole('searchbox').fill('nobody is called this');
  await page.getByText('No agent matches').waitFor();
  await keepScreenshot(page, 'wallboard-empty');
  assert.deepEqual(await graveFindings(page), []);
  await page.getByRole('button', { name: 'Show all agents' }).click();
  await page.getByRole('article').nth(10).waitFor();
  await page.getByRole('button', { name: /^\d+ Ready$/ }).click();
  await page.waitForFunction(() => [...document.querySelectorAll('article')].every((tile) => tile.dataset.status === 'IDLE'));
  await context.close();
});

test('offers no button for what a recorder cannot do', async () => {
  const { page, context } = await openBoard('?sources=desk,greenbox');
  assert.ok((await tiles(page).count()) > 0);
  assert.equal(
    await tiles(page)
      .getByRole('button', { name: /^(Record|Stop recording|Black out|End blackout):/ })
      .count(),
    0,
  );
  await page.goto(`${demo.url}/?sources=hq`);
  await page
    .getByRole('button', { name: /^Black out:/ })
    .first()
    .waitFor();
  await context.close();
});

test('is reached by keyboard: a tile opens with Enter, and the focus comes back to it', async () => {
  const { page, context } = await openBoard('?sources=hq');
  const name = (await tiles(page).first().getAttribute('aria-label'))!;
  await page.getByRole('button', { name, exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name }).waitFor({ state: 'detached' });
  await page.waitForFunction((label) => document.activeElement?.textContent === label, name);
  await context.close();
});

test('is light or dark as the system is, and can be switched; large tiles stay', async () => {
  const { page, context } = await openBoard('', { colorScheme: 'dark' });
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  assert.equal(await scheme(), 'dark');
  await keepScreenshot(page, 'wallboard-dark');
  assert.deepEqual(await graveFindings(page), []);
  await page.getByRole('button', { name: 'Light colours' }).click();
  assert.equal(await scheme(), 'light');
  await page.getByRole('button', { name: 'Large tiles' }).click();
  await page.reload();
  await tiles(page).first().waitFor();
  assert.equal(await scheme(), 'light');
  assert.equal(await page.getByRole('button', { name: 'Large tiles' }).getAttribute('aria-pressed'), 'true');
  const statusPx = await tiles(page)
    .first()
    .locator('p')
    .first()
    .evaluate((line) => Number.parseFloat(getComputedStyle(line).fontSize));
  assert.ok(statusPx >= 36, `the status is written ${statusPx} px high`);
  await keepScreenshot(page, 'wallboard-large');
  await context.close();
});

test('fits a phone without scrolling sideways', async () => {
  const { page, context } = await openBoard('', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true });
  const { wide, shown } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, shown: innerWidth }));
  assert.ok(wide <= shown, `${wide} px wide on a screen of ${shown}`);
  await keepScreenshot(page, 'wallboard-phone');
  assert.deepEqual(await graveFindings(page), []);
  await context.close();
});

test('draws the last hour, the open blackouts and the time to confirm', async () => {
  const { page, context, complaints } = await openBoard();
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Charts').click();
  for (const title of ['Agents on call', 'Open blackouts', 'Time to confirm']) await page.getByRole('region', { name: title }).waitFor();
  await page.getByRole('region', { name: 'Agents on call' }).locator('path.recharts-curve').first().waitFor();
  await keepScreenshot(page, 'charts');
  assert.deepEqual(await graveFindings(page), []);
  assert.match(page.url(), /#charts$/);
  await page.getByRole('button', { name: /^greenbox/ }).click();
  await page.getByText(/^Now: \d+, greenbox\./).waitFor();
  const shown = Number(/^Now: (\d+)/.exec(await page.getByText(/^Now: \d+, greenbox\./).innerText())![1]);
  const ofSource = await ask<{ agents: { totalCount: number } }>(demo.url, '{ agents(filter: { sources: ["greenbox"] }) { totalCount } }');
  assert.ok(shown <= ofSource.agents.totalCount, `${shown} agents on call of ${ofSource.agents.totalCount}`);
  assert.deepEqual(complaints, []);
  await context.close();
});
