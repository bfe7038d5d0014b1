import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../support/ask.ts';
import { graveFindings, launchBrowser, openWatched } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';

test('the pages say that they show a demo, and only then', async (context) => {
  const [demo, real, browser] = await Promise.all([startDemo({ isDemo: true }), startDemo(), launchBrowser()]);
  context.after(() => Promise.all([demo.close(), real.close(), browser.close()]));
  for (const [path, title, ready] of [
    ['/', 'Wallboard', 'h1'],
    ['/graphql', 'Playground', '.graphiql-container'],
  ] as const) {
    const shown = await openWatched(browser, demo.url + path);
    await shown.page.locator(ready).first().waitFor();
    const badge = shown.page.getByRole('complementary', { name: 'Demo' });
    assert.equal(await badge.textContent(), 'DEMO: simulated recorders');
    assert.ok(await badge.isVisible());
    assert.equal(await shown.page.title(), `DEMO · ${title} · Tapegraph`);
    assert.deepEqual([shown.complaints, await graveFindings(shown.page)], [[], []]);
    await shown.context.close();

    const plain = await openWatched(browser, real.url + path);
    await plain.page.locator(ready).first().waitFor();
    assert.equal(await plain.page.getByRole('complementary', { name: 'Demo' }).count(), 0);
    assert.equal(await plain.page.title(), `${title} · Tapegraph`);
    await plain.context.close();
  }
});

test('the badge covers no tile, on the last screen of a phone either', async (context) => {
  const [demo, browser] = await Promise.all([startDemo({ isDemo: true }), launchBrowser()]);
  context.after(() => Promise.all([demo.close(), browser.close()]));
  const { agents } = await ask<{ agents: { totalCount: number } }>(demo.url, '{ agents(first: 1) { totalCount } }');
  for (const [width, height] of [
    [390, 844],
    [844, 390],
    [1280, 720],
  ] as const) {
    const { page, context: opened } = await openWatched(browser, demo.url, { viewport: { width, height } });
    if (width < 1000)
      await page
        .getByRole('article')
        .nth(agents.totalCount - 1)
        .waitFor();
    else await page.getByRole('article').nth(4).waitFor();
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    const covered = await page.evaluate(() => {
      const badge = document.querySelector('.demo-badge')!.getBoundingClientRect();
      return [...document.querySelectorAll('article')]
        .filter((tile) => tile.getBoundingClientRect().bottom > badge.top && tile.getBoundingClientRect().top < badge.bottom)
        .map((tile) => tile.getAttribute('aria-label'));
    });
    assert.deepEqual(covered, [], `on ${width} by ${height} pixels`);
    await opened.close();
  }
});
