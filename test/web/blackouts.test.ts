import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { systemClock } from '../../src/lib/clock.ts';
import type { Tapegraph } from '../../src/main.ts';
import { type HuaweiSimulator, startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { ask } from '../support/ask.ts';
import { cutWords, findings, keepScreenshot, launchBrowser, openWatched } from '../support/browser.ts';
import { startConfigured } from '../support/server.ts';

const staff = { 291: 'Asha Rao', 292: 'Vikram Mehta', 293: 'Neha Iyer' };

let hq: UptivitySimulator;
let mumbai: HuaweiSimulator;
let server: Tapegraph;
let browser: Browser;

const gateway = (name: string, simulator: HuaweiSimulator) => {
  const agents = Object.entries(staff).map(([id, agentName]) => ({ id, password: `secret-${id}`, phone: `40${id}`, name: agentName }));
  for (const { id, password, name: agentName } of agents) simulator.contactCenter.addAgent({ workNo: id, password, name: agentName });
  return {
    name,
    vendor: 'huawei',
    signIn: { status: 'READY', queues: 'all', autoAnswer: true },
    baseUrl: simulator.url,
    confirmSeconds: 2,
    agents,
  };
};

before(async () => {
  hq = await startUptivitySimulator({ clock: systemClock, agents: 2 });
  mumbai = await startHuaweiSimulator({ clock: systemClock });
  const { timeZone, dateOrder } = hq.switches;
  server = await startConfigured({
    sources: [
      {
        name: 'hq',
        vendor: 'uptivity',
        baseUrl: hq.url,
        auth: { type: 'none' },
        timeZone,
        dateOrder,
        pollSeconds: 1,
      },
      gateway('mumbai', mumbai),
    ],
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.close(1000);
  await Promise.all([hq?.close(), mumbai?.close()]);
});

const openBoard = async (path: string, options = {}) => {
  const watched = await openWatched(browser, `${server.url}/${path}`, options);
  await watched.page.getByRole('article').first().waitFor();
  return watched;
};

const tile = (page: Page, name: string): Locator => page.getByRole('article', { name, exact: true });

/** Puts an agent of a gateway on a call that the platform records, once the agent is signed in. */
const takeCall = async (page: Page, { contactCenter }: HuaweiSimulator, workNo: string, name: string) => {
  await tile(page, name).getByText('Ready', { exact: true }).waitFor();
  const call = contactCenter.ring(workNo, { caller: '02012345678' });
  contactCenter.talk(workNo, call.callId);
  await tile(page, name).getByText('Recording', { exact: true }).waitFor();
  return call;
};

const startBlackout = async (source: string, value: string): Promise<string> => {
  const input = { agent: { key: { source, identifier: 'ID', value } }, reason: 'CARD_PAYMENT', maxDuration: 'PT2M' };
  const { startBlackout: answer } = await ask<{ startBlackout: { __typename: string } }>(
    server.url,
    'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename } }',
    { input },
  );
  return answer.__typename;
};

test('a blackout that the recorder confirms says so on the tile', async () => {
  const { page, context } = await openBoard('?sources=mumbai');
  await takeCall(page, mumbai, '291', 'Asha Rao');
  assert.equal(await startBlackout('mumbai', '291'), 'BlackoutSuccess');
  await tile(page, 'Asha Rao').getByText('Confirmed', { exact: true }).waitFor();
  assert.equal(await tile(page, 'Asha Rao').getByText('Recording', { exact: true }).count(), 0);
  await keepScreenshot(page, 'confirmed');
  assert.deepEqual(await cutWords(page), []);

  await context.close();
});

test('a blackout that is not confirmed in time is an alarm, and moves nothing but its tile; one that ends soon is none', async () => {
  const { page, context } = await openBoard('?sources=hq');
  // No simulated recorder takes a command and shows nothing of it for so long: the warning is put into what the server reports.
  let reported = 'UNCONFIRMED';
  await page.routeWebSocket('**/graphql', (socket) => {
    const real = socket.connectToServer();
    real.onMessage((text) => {
      const warning = JSON.stringify([{ warning: reported, at: new Date().toISOString() }]);
      socket.send(String(text).replace('"warnings":[]', `"warnings":${warning}`));
    });
  });
  await page.reload();
  await tile(page, 'agent1').waitFor();
  const top = () => page.getByRole('list', { name: 'Agents' }).evaluate((list) => list.getBoundingClientRect().top);
  const before = await top();
  assert.equal(await startBlackout('hq', '1'), 'BlackoutSuccess');
  await page.getByRole('region', { name: 'Alarms' }).getByText(': blackout not confirmed by the recorder').waitFor();
  await tile(page, 'agent1').getByText('Unconfirmed', { exact: true }).waitFor();
  assert.equal(await top(), before, 'the tiles stay where they were when the alarm comes');
  assert.equal(await page.getByRole('article').first().getAttribute('aria-label'), 'agent1');
  await keepScreenshot(page, 'unconfirmed');
  assert.deepEqual(await cutWords(page), []);
  assert.deepEqual(await findings(page), []);

  reported = 'DEADLINE_NEAR';
  await page.reload();
  await tile(page, 'agent1')
    .locator('[data-lamp="warning"]')
    .getByText(/^Ends in \d:\d\d$/)
    .waitFor();
  await page.getByText('No alarms', { exact: true }).waitFor();
  await keepScreenshot(page, 'ends-soon');
  assert.deepEqual(await cutWords(page), []);
  assert.deepEqual(await findings(page), []);
  await context.close();
});

test('what is recorded in spite of a blackout is an alarm, which sounds where that was turned on', async () => {
  const { page, context } = await openBoard('?sources=mumbai', { colorScheme: 'dark' });
  await page.evaluate(() => {
    const { prototype } = OscillatorNode;
    const start = prototype.start;
    prototype.start = function (when) {
      document.documentElement.dataset.tones = String(Number(document.documentElement.dataset.tones ?? 0) + 1);
      start.call(this, when);
    };
  });
  await page.getByRole('button', { name: 'Alert sound' }).click();
  assert.equal(await page.getByRole('button', { name: 'Alert sound' }).getAttribute('aria-pressed'), 'true');
  await takeCall(page, mumbai, '292', 'Vikram Mehta');
  mumbai.contactCenter.recordVideo('292');
  assert.equal(await startBlackout('mumbai', '292'), 'BlackoutSuccess');
  const alarms = page.getByRole('region', { name: 'Alarms' });
  await alarms.getByText(': exposed: something was recorded during the blackout').waitFor();
  await tile(page, 'Vikram Mehta').getByText('Exposed', { exact: true }).waitFor();
  assert.equal(await tile(page, 'Vikram Mehta').locator('[data-lamp="recording"]').count(), 0);
  await page.waitForFunction(() => Number(document.documentElement.dataset.tones) >= 2);
  await keepScreenshot(page, 'exposed');
  assert.deepEqual(await cutWords(page), []);
  assert.deepEqual(await findings(page), []);
  await alarms.getByRole('button', { name: 'Open' }).click();
  const drawer = page.getByRole('dialog', { name: 'Vikram Mehta' });
  await drawer.getByRole('tab', { name: 'Blackouts' }).click();
  await drawer
    .getByText(/^Recorded during the blackout: /)
    .first()
    .waitFor();
  await drawer
    .getByRole('list', { name: 'Commands' })
    .getByText(/Start blackout: *(Accepted|Confirmed)/)
    .first()
    .waitFor();
  await keepScreenshot(page, 'drawer-exposed');
  assert.deepEqual(await findings(page), []);
  await page.reload();
  await page.getByRole('button', { name: /^Alert sound/ }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^Alert sound/ }).getAttribute('aria-pressed'), 'true', 'the sound stays on');
  await context.close();
});

test('a recorder that was away while it masked makes an alarm of the blackout', async () => {
  const { page, context } = await openBoard('?sources=hq');
  assert.equal(await startBlackout('hq', '2'), 'BlackoutSuccess');
  await tile(page, 'agent2').getByText('Accepted', { exact: true }).waitFor();
  hq.inject({ fault: { kind: 'reset' } });
  await page.getByRole('button', { name: /^hq.*(Down|Degraded)/ }).waitFor({ timeout: 120_000 });
  hq.clearFaults();
  await page
    .getByRole('region', { name: 'Alarms' })
    .getByText(': mask lost: the recorder may have forgotten the blackout')
    .waitFor({ timeout: 120_000 });
  await tile(page, 'agent2').getByText('Mask lost', { exact: true }).waitFor();
  await page.locator('[data-lamp-count="alarm"][data-lit]').waitFor();
  await keepScreenshot(page, 'mask-lost');
  assert.deepEqual(await cutWords(page), []);
  await context.close();
});

test('the player marks what was cut out as a cut, and only one recording plays at a time', async () => {
  const { page, context, complaints } = await openBoard('?sources=mumbai');
  const { contactCenter } = mumbai;
  const first = await takeCall(page, mumbai, '293', 'Neha Iyer');
  contactCenter.release('293', first.callId, 'idle');
  await tile(page, 'Neha Iyer').getByText('Recording', { exact: true }).waitFor({ state: 'detached' });
  const second = await takeCall(page, mumbai, '293', 'Neha Iyer');
  assert.equal(await startBlackout('mumbai', '293'), 'BlackoutSuccess');
  await tile(page, 'Neha Iyer').getByText('Confirmed', { exact: true }).waitFor();
  // The blackout lasts as long as it takes its countdown to come down by three seconds.
  await tile(page, 'Neha Iyer')
    .locator('[data-lamp="blackout"] time')
    .filter({ hasText: /^(1:5[0-7]|1:[0-4]\d|0:\d\d)$/ })
    .waitFor();
  await tile(page, 'Neha Iyer').getByRole('button', { name: 'End blackout: Neha Iyer' }).click();
  await tile(page, 'Neha Iyer').getByText('Recording', { exact: true }).waitFor();
  contactCenter.release('293', second.callId, 'idle');
  await tile(page, 'Neha Iyer').getByText('Recording', { exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Neha Iyer', exact: true }).click();
  const recordings = page.getByRole('dialog', { name: 'Neha Iyer' }).getByRole('list', { name: 'Recordings' });
  const row = (position: number): Locator => recordings.getByRole('listitem').nth(position);
  const play = (position: number) => row(position).getByRole('button', { name: /^Play recording/ });
  await play(1).waitFor();
  const cut = row(0).getByText(/^Cut at 0:\d\d: [\d.]+ s not recorded \(Card payment\)$/);
  await cut.waitFor();
  assert.match(await row(0).innerText(), /In 02012345678/, 'the row names the caller');

  await play(0).click();
  const isPlayable = () =>
    page.waitForFunction(() => {
      const player = document.querySelector('audio');
      return player !== null && player.duration > 0 && player.readyState >= 2;
    });
  await isPlayable();
  const line = row(0).locator('[part~="marker"]');
  await line.waitFor();
  // The file holds what was recorded before and after, so that it is shorter than the time from its start to its end.
  const seconds = await page.evaluate(() => document.querySelector('audio')!.duration);
  const recorded = contactCenter.segments
    .filter(({ callId, workNo }) => workNo === '293' && callId === second.callId)
    .reduce((sum, { beginMs, endMs }) => sum + (endMs! - beginMs) / 1_000, 0);
  assert.ok(Math.abs(seconds - recorded) < 0.5, `${seconds} s of audio where ${recorded} s were recorded`);
  await keepScreenshot(page, 'player-cut');
  assert.deepEqual(await findings(page), []);

  await play(1).click();
  await row(1).locator('audio').waitFor();
  assert.equal(await recordings.locator('audio').count(), 1, 'the other player is gone');
  await isPlayable();
  const { commands } = await ask<{ commands: { nodes: { status: string }[] } }>(
    server.url,
    '{ commands(first: 50, filter: { operations: [DOWNLOAD_MEDIA] }) { nodes { status } } }',
  );
  assert.ok(commands.nodes.length > 0);
  assert.deepEqual([...new Set(commands.nodes.map(({ status }) => status))], ['CONFIRMED'], 'playing is no failure');

  // No simulated recorder both masks and hands out audio: that the recorder masks is put into what the server reports.
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll('"support":"EMULATED"', '"support":"NATIVE"') });
  });
  await page.reload();
  await row(0)
    .getByText(/^Blackout: Card payment from 0:\d\d to 0:\d\d$/)
    .waitFor();
  await play(0).click();
  await isPlayable();
  const region = row(0).locator('[part~="region"]');
  await region.waitFor();
  assert.ok((await region.boundingBox())!.width > 10, 'a silence is a region of the waveform');
  await keepScreenshot(page, 'player-silence');
  assert.deepEqual(await findings(page), []);
  assert.deepEqual(complaints, []);
  await context.close();
});
