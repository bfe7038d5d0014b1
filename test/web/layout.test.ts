import 'reflect-metadata';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { systemClock } from '../../src/lib/clock.ts';
import type { Tapegraph } from '../../src/main.ts';
import { idleAgent, startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { ask } from '../support/ask.ts';
import { boardSource } from '../support/board.ts';
import { cutWords, findings, keepScreenshot, launchBrowser, openWatched } from '../support/browser.ts';
import { startConfigured } from '../support/server.ts';

/** By the name of the source. */
const sizes = { four: 4, office: 28, floor: 100, campus: 500 };
const longName = 'Anna-Magdalena von Hohenstein-Wittgenstein zu Lichtenberg-Au';
const given = ['Hana', 'Katarzyna', 'José Luis', '王小明', 'Mohammed', 'Oluwaseun', 'Li'];
const family = ['Sato', 'Featherstonehaugh', 'García Márquez', 'O’Brien', 'Al-Rashid'];

/** Names as the agents of a source have them; the others have those of the simulator. */
const namesOf: Readonly<Record<string, readonly string[]>> = {
  four: ['王小明', 'محمد عبد الله', longName, 'O’Brien'],
  office: [longName, 'Abigail Featherstonehaugh', 'Adelheid García Márquez'],
  floor: Array.from({ length: 100 }, (_, index) => (index === 7 ? longName : `${given[index % 7]} ${family[index % 5]}`)),
};

let recorders: UptivitySimulator[] = [];
let server: Tapegraph;
let browser: Browser;

before(async () => {
  recorders = await Promise.all(
    Object.entries(sizes).map(([source, count]) => {
      const agents = Array.from({ length: count }, (_, index) => idleAgent(index + 1));
      for (const [index, name] of (namesOf[source] ?? []).entries())
        agents.at(source === 'office' ? -2 - index : index)!.SystemUsername = name;
      return startUptivitySimulator({ clock: systemClock, agents });
    }),
  );
  for (const recorder of recorders) for (const id of [1, 3, 4]) recorder.contactCenter.takeCall(recorder.agent(id), 'I');
  server = await startConfigured({
    sources: Object.keys(sizes).map((name, index) => boardSource(recorders[index]!, name, 2)),
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.close(1000);
  await Promise.all(recorders.map((recorder) => recorder.close()));
});

const open = async (query: string, width: number, height: number) => {
  const watched = await openWatched(browser, `${server.url}/?${query}`, { viewport: { width, height } });
  await watched.page.getByRole('article').first().waitFor();
  return watched;
};

/** The part of the screen that the tiles leave empty below them, in pixels; negative where they reach beyond it. */
const roomBelow = (page: Page): Promise<number> =>
  page.evaluate(
    () => innerHeight - Math.max(...[...document.querySelectorAll('article')].map((tile) => tile.getBoundingClientRect().bottom)),
  );

const isWhole = async (page: Page, count: number): Promise<void> => {
  await page.waitForFunction((expected) => {
    const tiles = [...document.querySelectorAll('article')];
    return tiles.length === expected && tiles.every((tile) => tile.getBoundingClientRect().bottom <= innerHeight);
  }, count);
};

/** The names that a tile does not show whole. */
const cutNames = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('article h3 button')]
      .filter((name) => name.scrollHeight > name.clientHeight + 2 || name.scrollWidth > name.clientWidth + 1)
      .map(({ textContent }) => textContent ?? ''),
  );

/** The tiles whose last line lies outside them. */
const overfullTiles = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('article')]
      .filter((tile) => tile.scrollHeight > tile.clientHeight + 1)
      .map((tile) => tile.getAttribute('aria-label') ?? ''),
  );

const startBlackout = (source: string, agent: string, rest = {}) =>
  ask(server.url, 'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename } }', {
    input: { agent: { key: { source, identifier: 'ID', value: agent } }, reason: 'CARD_PAYMENT', ...rest },
  });

/** The counters that do not stand in the first line of their strip. */
const wrappedCounters = (page: Page): Promise<string[]> =>
  page.getByRole('group', { name: 'Statuses' }).evaluate((strip) => {
    const counters = [...strip.querySelectorAll('button')];
    const top = counters[0]!.getBoundingClientRect().top;
    return counters.filter((counter) => counter.getBoundingClientRect().top > top + 1).map(({ textContent }) => textContent ?? '');
  });

for (const [source, count, width, height] of [
  ['four', 4, 1920, 1080],
  ['four', 4, 3840, 2160],
  ['office', 28, 1920, 1080],
  ['office', 28, 1440, 900],
  ['office', 28, 3840, 2160],
  ['floor', 100, 1920, 1080],
] as const) {
  test(`${count} agents fill a screen of ${width} by ${height}`, async () => {
    for (const agent of ['1', '2']) await startBlackout(source, agent);
    await startBlackout(source, '3', { startAt: new Date(Date.now() + 1_200_000).toISOString() });
    const { page, context } = await open(`sources=${source}`, width, height);
    await isWhole(page, count);
    await page.locator('[data-lamp="masked"]').first().waitFor();
    await page
      .getByText(/in \d\d:\d\d$/)
      .first()
      .waitFor();
    const room = await roomBelow(page);
    if (count < 100) assert.ok(room < height * 0.06, `${room} px below the tiles are empty`);
    await keepScreenshot(page, `fit-${count}-${width}`);
    assert.deepEqual(await cutWords(page), []);
    assert.deepEqual(await cutNames(page), count < 100 ? [] : [longName]);
    assert.deepEqual(await overfullTiles(page), []);
    assert.deepEqual(await wrappedCounters(page), []);
    assert.deepEqual(await findings(page), []);
    await context.close();
  });
}

test('full screen is in the menu', async () => {
  const { page, context } = await open('sources=four', 1920, 1080);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Full screen' }).click();
  await page.waitForFunction(() => document.fullscreenElement === document.documentElement);
  await isWhole(page, 4);
  await keepScreenshot(page, 'full-screen');
  await context.close();
});

test('five hundred agents are pages that turn by themselves, and can be paused', async () => {
  const { page, context } = await open('sources=campus&kiosk=1', 1920, 1080);
  await page.evaluate(() => localStorage.setItem('tapegraph.wallboard', JSON.stringify({ pageSeconds: 600 })));
  await page.clock.install();
  await page.reload();
  await page.getByText(/^Page 1 of \d+$/).waitFor();
  assert.ok((await roomBelow(page)) >= 0);
  const first = await page.getByRole('article').first().getAttribute('aria-label');
  await keepScreenshot(page, 'kiosk-500');
  await page.clock.fastForward(600_000);
  await page.getByText(/^Page 2 of \d+$/).waitFor();
  assert.notEqual(await page.getByRole('article').first().getAttribute('aria-label'), first);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.clock.fastForward(600_000);
  await page.getByText(/^Page 2 of \d+$/).waitFor();
  assert.equal(await page.getByRole('searchbox').count(), 0);
  assert.deepEqual(await findings(page), []);
  await context.close();
});

test('groups have headings, the view is in the address, and the list is exported as it is shown', async () => {
  const { page, context } = await open('sources=four,office', 1920, 1080);
  await page.getByRole('button', { name: 'Sort and group' }).click();
  await page.getByLabel('Group by').selectOption('source');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'office 28' }).waitFor();
  assert.match(page.url(), /group=source/);
  await isWhole(page, 32);
  await keepScreenshot(page, 'grouped');
  assert.deepEqual(await findings(page), []);
  await page.getByRole('button', { name: 'More' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Export as CSV' }).click();
  const lines = (await readFile(await (await download).path(), 'utf8')).split('\r\n');
  assert.equal(lines.length, 33);
  assert.ok(lines.some((line) => line.startsWith('王小明,four,1,')));
  await context.close();
});

test('the palette finds agents and commands, the grid is one tab stop, and the arrow keys go through it', async () => {
  const { page, context } = await open('sources=office&sort=name', 1440, 900);
  await isWhole(page, 28);
  await page.keyboard.press('Control+k');
  const find = page.getByPlaceholder('Find an agent or a command');
  await find.fill('agent17');
  await page.getByRole('dialog').getByText('agent17', { exact: true }).first().waitFor();
  await keepScreenshot(page, 'palette');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'agent17' }).waitFor();
  await page.keyboard.press('Control+k');
  await find.waitFor();
  await page.keyboard.press('Escape');
  await find.waitFor({ state: 'detached' });
  assert.ok(await page.getByRole('dialog', { name: 'agent17' }).isVisible(), 'the drawer stays open beneath the palette');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'agent17' }).waitFor({ state: 'detached' });

  const stops = () => page.locator('main [tabindex="0"]').count();
  const tabbable = page.locator('main button[data-agent][tabindex="0"]');
  assert.equal(await tabbable.count(), 1);
  assert.ok((await stops()) <= 3, 'the tile and its own buttons');
  await page.getByRole('button', { name: 'agent1', exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.activeElement?.textContent === 'agent2');
  await page.keyboard.press('End');
  await page.waitForFunction((last) => document.activeElement?.textContent === last, longName);
  assert.equal(await tabbable.count(), 1);
  await context.close();
});

test('limits of time in a status are kept, and change the colour of a tile', async () => {
  const { page, context } = await open('sources=four', 1440, 900);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  await dialog.getByLabel('On call: yellow after seconds').fill('1');
  await dialog.getByLabel('On call: red after seconds').fill('2');
  await keepScreenshot(page, 'settings');
  assert.deepEqual(await findings(page), []);
  await dialog.getByRole('button', { name: 'Done' }).click();
  recorders[0]!.contactCenter.takeCall(recorders[0]!.agent(2), 'I');
  await page.locator('article[data-late="late"]').first().waitFor();
  await keepScreenshot(page, 'late');
  await page.reload();
  await page.locator('article[data-late="late"]').first().waitFor();
  await context.close();
});

test('a phone shows everything without scrolling sideways, whatever the names', async () => {
  const { page, context } = await open('sources=four', 390, 844);
  const { wide, shown } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, shown: innerWidth }));
  assert.ok(wide <= shown, `${wide} px wide on a screen of ${shown}`);
  assert.deepEqual(await cutNames(page), []);
  await keepScreenshot(page, 'phone-names');
  assert.deepEqual(await findings(page), []);
  await context.close();
});
