import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page, Route } from 'playwright-core';
import type { Tapegraph } from '../../src/main.ts';
import type { UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { ask } from '../support/ask.ts';
import { type Board, startBoard } from '../support/board.ts';
import { graveFindings, keepScreenshot, openWatched } from '../support/browser.ts';

let recorder: UptivitySimulator;
let server: Tapegraph;
let browser: Browser;
let close: Board['close'] | undefined;

before(async () => {
  ({ recorder, server, browser, close } = await startBoard({ agents: 3, inCall: [1, 2] }));
});
after(() => close?.());

const tile = (page: Page, name: string) => page.getByRole('article', { name, exact: true });
const toast = (page: Page, title: string) => page.getByRole('region', { name: 'Requests' }).getByRole('alert').filter({ hasText: title });

const openBoard = async () => {
  const watched = await openWatched(browser, `${server.url}/`);
  await tile(watched.page, 'agent1').waitFor();
  return watched;
};

const startBlackout = (agent: string) =>
  ask(server.url, 'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename } }', {
    input: { agent: { key: { source: 'hq', identifier: 'ID', value: agent } } },
  });

test('a recording is stopped and started, and each request is followed until it is confirmed', async () => {
  const { page, context, complaints } = await openBoard();
  const agent = tile(page, 'agent1');
  await agent.getByText('Recording', { exact: true }).waitFor();
  await agent.getByRole('button', { name: 'Stop recording: agent1' }).click();
  await toast(page, 'Stop recording: agent1')
    .getByText(/^Confirmed/)
    .waitFor();
  await agent.getByRole('button', { name: 'Record: agent1' }).click();
  const started = toast(page, 'Start recording: agent1');
  await started.getByText(/^(Accepted|Confirmed)/).waitFor();
  await agent.getByText('Recording', { exact: true }).waitFor();
  await keepScreenshot(page, 'control-recording');
  await started.getByRole('button', { name: 'Undo' }).click();
  await agent.getByRole('button', { name: 'Record: agent1' }).waitFor();

  await page.getByRole('radiogroup', { name: 'View' }).getByText('Charts').click();
  const times = page.getByRole('region', { name: 'Time to confirm' });
  await times.locator('.recharts-bar-rectangle').first().waitFor();
  await times.getByText('hq', { exact: true }).waitFor();
  await times.scrollIntoViewIfNeeded();
  await keepScreenshot(page, 'charts-time-to-confirm');
  assert.deepEqual(await graveFindings(page), []);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a blackout starts with one press on its reason, counts down to its deadline, and can be undone', async () => {
  const { page, context } = await openBoard();
  const agent = tile(page, 'agent2');
  await agent.getByRole('button', { name: 'Black out: agent2' }).click();
  await page.evaluate(() => {
    new MutationObserver(() => {
      const countdown = document.querySelector('[data-lamp="blackout"] time')?.textContent;
      if (countdown) document.documentElement.dataset.firstCountdown ??= countdown;
    }).observe(document.querySelector('main')!, { subtree: true, childList: true, characterData: true });
  });
  const dialog = page.getByRole('dialog', { name: 'Black out agent2' });
  await dialog.getByText('1 min', { exact: true }).click();
  await keepScreenshot(page, 'control-blackout-dialog');
  assert.deepEqual(await graveFindings(page), []);
  await dialog.getByRole('button', { name: 'Card payment' }).click();
  await agent
    .locator('[data-lamp="blackout"]')
    .getByText(/^Blackout\s*(1:00|0:5\d)$/)
    .waitFor();
  assert.ok(recorder.isMasked(2), 'the recorder masks the agent');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'End blackout: agent2');
  const firstCountdown = await page.evaluate(() => document.documentElement.dataset.firstCountdown ?? '');
  assert.match(firstCountdown, /^(1:00|0:5\d)$/, 'it begins at what was requested, never above');
  await page.getByRole('button', { name: /^1\s*Blackouts$/ }).waitFor();
  const requestToast = toast(page, 'Black out: agent2');
  await requestToast.getByText(/^Accepted/).waitFor();
  assert.equal(
    await requestToast.locator('[class*="Loader"]').count(),
    0,
    'nothing waits for a confirmation that this recorder never gives',
  );
  await requestToast.hover();
  await keepScreenshot(page, 'control-blackout');
  assert.deepEqual(await graveFindings(page), []);
  await requestToast.getByRole('button', { name: 'Undo' }).click();
  await agent.getByRole('button', { name: 'Black out: agent2' }).waitFor();
  assert.ok(!recorder.isMasked(2), 'the recorder masks no longer');
  await context.close();
});

test('a refusal says why, and stays until it is dismissed', async () => {
  const { page, context } = await openBoard();
  await tile(page, 'agent3').getByRole('button', { name: 'Black out: agent3' }).click();
  await startBlackout('3');
  await page.getByRole('dialog', { name: 'Black out agent3' }).getByRole('button', { name: 'Other' }).click();
  const refused = toast(page, 'Black out: agent3');
  await refused.getByText('ALREADY_BLACKED_OUT').waitFor();
  assert.equal(await refused.getByRole('button', { name: 'Undo' }).count(), 0);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keepScreenshot(page, 'control-refused');
  await refused.getByRole('button', { name: 'Dismiss' }).click();
  await refused.waitFor({ state: 'detached' });
  await tile(page, 'agent3').getByRole('button', { name: 'End blackout: agent3' }).click();
  await tile(page, 'agent3').getByRole('button', { name: 'Black out: agent3' }).waitFor();
  await context.close();
});

/** Ways to keep from the page whether the server, which has the request by then, did anything. */
const losses = {
  'is lost': (route: Route) => route.abort('connectionreset'),
  'is a fault of the server': (route: Route) =>
    route.fulfill({ json: { errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } }),
};

for (const [how, loseAnswer] of Object.entries(losses))
  test(`where the answer ${how}, a retry uses the same key, so that nothing is done twice`, async () => {
    const { page, context } = await openBoard();
    const keys: string[] = [];
    let lose = true;
    await page.route('**/graphql', async (route) => {
      const body = route.request().postDataJSON() as { query: string; variables: { input?: { idempotencyKey: string } } };
      if (!body.query.includes('mutation StopRecording')) return route.continue();
      keys.push(body.variables.input!.idempotencyKey);
      // The server hears the first request; only its answer never arrives.
      if (lose) await route.fetch();
      return lose ? loseAnswer(route) : route.continue();
    });
    await tile(page, 'agent2').getByRole('button', { name: 'Stop recording: agent2' }).click();
    const lost = toast(page, 'Stop recording: agent2');
    await lost.getByText(/It is not known whether the request was carried out/).waitFor();
    await keepScreenshot(page, 'control-answer-lost');
    lose = false;
    await lost.getByRole('button', { name: 'Retry' }).click();
    await lost.getByText(/^Confirmed/).waitFor();
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    const { commands } = await ask<{ commands: { nodes: { idempotencyKey: string }[] } }>(
      server.url,
      '{ commands(first: 50) { nodes { idempotencyKey } } }',
    );
    assert.equal(commands.nodes.filter(({ idempotencyKey }) => idempotencyKey === keys[0]).length, 1);
    await tile(page, 'agent2').getByRole('button', { name: 'Record: agent2' }).click();
    await tile(page, 'agent2').getByRole('button', { name: 'Stop recording: agent2' }).waitFor();
    await context.close();
  });

/** The tiles that lie under a request. */
const coveredTiles = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const toasts = [...document.querySelectorAll('[aria-label="Requests"] [role="alert"]')].map((toast) => toast.getBoundingClientRect());
    return [...document.querySelectorAll('article')]
      .filter((article) => {
        const { left, right, top, bottom } = article.getBoundingClientRect();
        return toasts.some((toast) => toast.left < right && toast.right > left && toast.top < bottom && toast.bottom > top);
      })
      .map((article) => article.getAttribute('aria-label') ?? '');
  });

test('earlier requests fold behind the newest, which covers no tile and moves none; on a phone, not the tile that it is about', async () => {
  const { page, context } = await openBoard();
  const top = () => page.getByRole('list', { name: 'Agents' }).evaluate((list) => list.getBoundingClientRect().top);
  const before = await top();
  for (const name of ['agent1', 'agent3']) {
    await tile(page, name)
      .getByRole('button', { name: `Black out: ${name}` })
      .click();
    await page
      .getByRole('dialog', { name: `Black out ${name}` })
      .getByRole('button', { name: 'Legal' })
      .click();
    await toast(page, `Black out: ${name}`)
      .getByText(/^Accepted/)
      .waitFor();
    await toast(page, `Black out: ${name}`).hover();
  }
  const requests = page.getByRole('region', { name: 'Requests' });
  assert.equal(await requests.getByRole('alert').count(), 1);
  assert.deepEqual(await coveredTiles(page), []);
  assert.equal(await top(), before);
  await requests.getByRole('button', { name: '1 earlier request' }).click();
  await toast(page, 'Black out: agent1').waitFor();
  assert.deepEqual(await graveFindings(page), []);
  await keepScreenshot(page, 'control-folded');

  await page.setViewportSize({ width: 390, height: 844 });
  await tile(page, 'agent3').getByRole('button', { name: 'End blackout: agent3' }).click();
  await toast(page, 'End blackout: agent3')
    .getByText(/^Accepted/)
    .waitFor();
  assert.ok(!(await coveredTiles(page)).includes('agent3'));
  await keepScreenshot(page, 'control-phone');
  await context.close();
});

test('the ledger of an agent reaches back as far as there is anything', async () => {
  const stop = 'mutation ($input: StopBlackoutInput!) { stopBlackout(input: $input) { __typename } }';
  const input = { agent: { key: { source: 'hq', identifier: 'ID', value: '3' } } };
  for (let turn = 0; turn < 9; turn += 1) {
    await ask(server.url, stop, { input });
    await startBlackout('3');
  }
  const { page, context } = await openBoard();
  await page.getByRole('button', { name: 'agent3', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'agent3' });
  await drawer.getByRole('tab', { name: 'Ledger' }).click();
  const rows = drawer.getByRole('table', { name: 'Ledger' }).getByRole('row');
  await rows.nth(15).waitFor();
  assert.equal(await rows.count(), 16, 'a heading and fifteen commands');
  await drawer.getByRole('button', { name: 'Older' }).click();
  await rows.nth(18).waitFor();
  await keepScreenshot(page, 'ledger-older');

  await drawer.getByRole('button', { name: 'End blackout' }).click();
  await drawer.getByRole('button', { name: 'Black out' }).click();
  const dialog = page.getByRole('dialog', { name: 'Black out agent3' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await drawer.isVisible(), 'the drawer stays open beneath the dialog');
  await drawer.getByRole('button', { name: 'Black out' }).click();
  await dialog.getByRole('button', { name: 'Legal' }).click();
  await dialog.waitFor({ state: 'detached' });
  await toast(page, 'Black out: agent3')
    .getByText(/^Accepted/)
    .waitFor();
  await keepScreenshot(page, 'drawer-request');
  assert.deepEqual(await graveFindings(page), []);
  await context.close();
});
