import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Tapegraph } from '../../src/main.ts';
import type { UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { type Board, startBoard } from '../support/board.ts';
import { graveFindings, keepScreenshot, openWatched } from '../support/browser.ts';

const key = 'the key of the wall in the north hall';

let recorder: UptivitySimulator;
let server: Tapegraph;
let browser: Browser;
let close: Board['close'] | undefined;

before(async () => {
  ({ recorder, server, browser, close } = await startBoard({
    agents: 2,
    inCall: [1],
    keys: { wall: { key, scopes: ['agents:read', 'recordings:read'] } },
  }));
});
after(() => close?.());

test('asks for a key, shows what the key may see with numbers masked, and keeps the key to the tab', async () => {
  const { page, context, foreign } = await openWatched(browser, `${server.url}/?agent=QWdlbnQ6aHE6MQ`);
  const dialog = page.getByRole('dialog', { name: 'Access key' });
  await dialog.waitFor();
  await page.getByText('Access key required').waitFor();
  await page.getByRole('dialog', { name: 'Agent', exact: true }).waitFor();
  await keepScreenshot(page, 'access-key');
  assert.deepEqual(await graveFindings(page), []);

  await dialog.getByLabel('Access key or token', { exact: true }).fill('a wrong key');
  await dialog.getByRole('button', { name: 'Use key' }).click();
  await page.waitForLoadState();
  await page.getByText('Access key not valid').waitFor();

  await page.goto(`${server.url}/`);
  await dialog.getByLabel('Access key or token', { exact: true }).fill(key);
  await dialog.getByRole('button', { name: 'Use key' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();
  await page.getByRole('article').nth(1).waitFor();
  const full = recorder.agent(1).ActiveCall!.Metadata.ani!;
  const shown = await page.getByRole('article').allInnerTexts();
  assert.ok(!shown.join().includes(full), 'the whole number is not on the board');
  await keepScreenshot(page, 'wallboard-masked');
  assert.deepEqual(
    await page
      .evaluate(() => ({ local: JSON.stringify(localStorage), cookies: document.cookie }))
      .then(({ local, cookies }) => [local.includes('north hall'), cookies]),
    [false, ''],
  );

  // The key has no scope for control, so that no tile offers a command that would be refused.
  const commands = page.getByRole('article').getByRole('button', { name: /^(Record|Stop recording|Black out|End blackout):/ });
  assert.equal(await commands.count(), 0);
  assert.deepEqual(foreign, []);
  await context.close();
});
