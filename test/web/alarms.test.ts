import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Tapegraph } from '../../src/main.ts';
import type { UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { type Board, startBoard } from '../support/board.ts';
import { cutWords, findings, keepScreenshot, openWatched } from '../support/browser.ts';

const keys = { boss: 'the key of the supervisor', viewer: 'the key of a viewer', none: 'a key without scopes' };
const all = ['agents:read', 'recordings:read', 'recordings:control', 'blackouts:control', 'media:read', 'audit:read', 'pii:read'];

let recorder: UptivitySimulator;
let server: Tapegraph;
let browser: Browser;
let close: Board['close'] | undefined;

before(async () => {
  ({ recorder, server, browser, close } = await startBoard({
    agents: 4,
    inCall: [1, 2, 3],
    keys: {
      boss: { key: keys.boss, scopes: all },
      viewer: { key: keys.viewer, scopes: ['agents:read'] },
      none: { key: keys.none, scopes: ['metrics:read'] },
    },
  }));
});
after(() => close?.());

/** A page of the wallboard that has the key from its first moment on. */
const openBoard = async (key: string | null, options = {}) => {
  const watched = await openWatched(browser, 'about:blank', options);
  if (key !== null) await watched.context.addInitScript((value) => sessionStorage.setItem('tapegraph.access-key', value), key);
  await watched.page.goto(`${server.url}/`);
  return watched;
};

const tile = (page: Page, name: string) => page.getByRole('article', { name, exact: true });

const command = async (query: string, input: object): Promise<void> => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.boss}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  assert.equal(response.status, 200);
  assert.ok(!(await response.text()).includes('"Problem"'));
};

const startBlackout = (agent: string, rest: object) =>
  command('mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename } }', {
    agent: { key: { source: 'hq', identifier: 'ID', value: agent } },
    ...rest,
  });

/** Resolves when a blackout has a warning that it could not be ended. */
const untilOverdue = async (): Promise<void> => {
  for (;;) {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.boss}` },
      body: JSON.stringify({ query: '{ blackouts(first: 5) { nodes { warnings { warning } } } }' }),
    });
    if ((await response.text()).includes('STOP_FAILING')) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

test('a viewer sees no button that would be refused, no name in another field, and charts that say what they need', async () => {
  const { page, context, complaints } = await openBoard(keys.viewer);
  const first = tile(page, 'Agent 1');
  await first.waitFor();
  await page.getByRole('button', { name: /^–\s*Recording$/ }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^(Record|Stop recording|Black out|End blackout):/ }).count(), 0);
  assert.ok(!(await page.locator('main').innerText()).includes('agent1'), 'the login stands in for no name');
  await keepScreenshot(page, 'viewer');
  assert.deepEqual(await findings(page), []);
  await page.getByRole('radiogroup', { name: 'View' }).getByText('Charts').click();
  await page.getByText('This chart needs the permission audit:read.').waitFor();
  await page.getByRole('region', { name: 'Agents on call' }).locator('path.recharts-curve').first().waitFor();
  await keepScreenshot(page, 'viewer-charts');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('no key, a wrong key and a key without the scope read differently, and none of them claims a zero', async () => {
  for (const [key, title, name] of [
    [null, 'Access key required', 'no-key'],
    ['wrong', 'Access key not valid', 'wrong-key'],
    [keys.none, 'Access key lacks a permission', 'no-scope'],
  ] as const) {
    const { page, context } = await openBoard(key);
    await page.getByRole('region', { name: 'Alarms' }).getByText(title).waitFor();
    assert.equal(await page.getByRole('group', { name: 'Statuses' }).getByText(/^\d+$/).count(), 0, name);
    assert.equal(await page.getByRole('group', { name: 'Queues' }).getByText(/^\d+$/).count(), 0, name);
    await page
      .getByRole('status')
      .filter({ hasText: /^No access$/ })
      .first()
      .waitFor();
    await page.getByText('No access', { exact: true }).last().waitFor();
    await keepScreenshot(page, name);
    await context.close();
  }
});

test('a recording during a blackout is masked, and what the recorder accepted is distinguished from what it confirmed', async () => {
  await startBlackout('2', { reason: 'CARD_PAYMENT', maxDuration: 'PT2M' });
  const { page, context } = await openBoard(keys.boss);
  const agent = tile(page, 'agent2');
  await agent.getByText('Masked', { exact: true }).waitFor();
  await agent.getByText('Accepted', { exact: true }).waitFor();
  assert.equal(await agent.getByText('Recording', { exact: true }).count(), 0);
  await tile(page, 'agent1').getByText('Recording', { exact: true }).waitFor();
  await page.getByRole('button', { name: /^2\s*Recording$/ }).waitFor();
  await keepScreenshot(page, 'masked');
  await agent.getByRole('button', { name: 'agent2', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'agent2' });
  await drawer.getByText(/^Blackout for card payment, requested by boss/).waitFor();
  await drawer.getByRole('tab', { name: 'Blackouts' }).click();
  await drawer.getByRole('list', { name: 'Blackouts' }).getByText('Card payment', { exact: false }).waitFor();
  assert.match(page.url(), /agent=/);
  await page.reload();
  await page.getByRole('dialog', { name: 'agent2' }).waitFor();
  await keepScreenshot(page, 'drawer-by-link');
  await context.close();

  const viewer = await openBoard(keys.viewer);
  await viewer.page.getByRole('button', { name: 'Agent 2', exact: true }).click();
  const itsDrawer = viewer.page.getByRole('dialog', { name: 'Agent 2' });
  await itsDrawer.getByRole('tab', { name: 'Blackouts' }).click();
  await itsDrawer.getByRole('list', { name: 'Blackouts' }).getByText('Card payment', { exact: false }).waitFor();
  assert.equal(await itsDrawer.getByRole('list', { name: 'Commands' }).count(), 0, 'commands need audit:read');
  assert.equal(await itsDrawer.getByRole('tab', { name: 'Ledger' }).count(), 0);
  await viewer.context.close();
});

test('a blackout that will not end is red for a page that was opened a moment ago, and its tile is first', async () => {
  recorder.inject({ route: 'POST /api/Blackout/StopForAgent', fault: { kind: 'status', status: 500 } });
  await startBlackout('3', { reason: 'OTHER', maxDuration: 'PT2S' });
  await untilOverdue();
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, context } = await openBoard(keys.boss, { colorScheme });
    const alarms = page.getByRole('region', { name: 'Alarms' });
    await alarms.getByText(/^: blackout will not end, overdue \d+:\d\d, retrying$/).waitFor();
    await alarms.getByText('agent3', { exact: true }).waitFor();
    await page.getByRole('button', { name: /^1\s*Alarms$/ }).waitFor();
    assert.equal(await page.getByRole('article').first().getAttribute('aria-label'), 'agent3');
    await tile(page, 'agent3')
      .getByText(/^Overdue \d+:\d\d$/)
      .waitFor();
    await keepScreenshot(page, `alarm-${colorScheme}`);
    assert.deepEqual(await findings(page), []);
    await alarms.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('dialog', { name: 'agent3' }).waitFor();
    await context.close();
  }
});

test('what is stale looks stale, at a recorder that is down and at a server that is gone', async () => {
  // The blackout of the test before still does not end.
  const { page, context } = await openBoard(keys.boss);
  await tile(page, 'agent1').waitFor();
  recorder.inject({ fault: { kind: 'reset' } });
  await page.getByRole('button', { name: /^hq.*Down/ }).waitFor({ timeout: 120_000 });
  await tile(page, 'agent1')
    .getByText(/^last seen \d+:\d\d ago$/)
    .waitFor();
  await page.getByText('Last known', { exact: true }).waitFor();
  // The server's knowledge of a blackout is no older than before.
  await tile(page, 'agent3')
    .getByText(/^Overdue \d+:\d\d$/)
    .waitFor();
  await page.locator('[data-lamp-count="alarm"][data-lit]').waitFor();
  await page.getByRole('button', { name: '1 more' }).click();
  await page.getByText(': recorder down, its agents are as last known').waitFor();
  await keepScreenshot(page, 'recorder-down-notices');
  await page.keyboard.press('Escape');
  await keepScreenshot(page, 'recorder-down');
  assert.deepEqual(await findings(page), []);
  await page.goto(`${server.url}/?layout=rows`);
  await tile(page, 'agent3')
    .getByText(/^Overdue \d+:\d\d$/)
    .waitFor();
  await page.locator('article[data-stale]').nth(3).waitFor();
  assert.deepEqual(await cutWords(page), []);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.deepEqual(await cutWords(page), []);
  await keepScreenshot(page, 'recorder-down-phone-rows');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${server.url}/`);
  recorder.clearFaults();
  await page.getByRole('button', { name: /^hq.*Up/ }).waitFor({ timeout: 120_000 });
  await tile(page, 'agent1').waitFor();
  await server.close(500);
  await page.getByText(/^Not live since/).waitFor();
  await page.getByRole('button', { name: /^hq.*Unknown/ }).waitFor();
  await tile(page, 'agent1')
    .getByText(/^last seen \d+:\d\d ago$/)
    .waitFor();
  await keepScreenshot(page, 'server-gone');
  await context.close();
});
