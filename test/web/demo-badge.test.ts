import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
