import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { systemClock } from '../../src/clock.ts';
import type { Tapegraph } from '../../src/main.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { ask } from '../support/ask.ts';
import { graveFindings, keepScreenshot, launchBrowser, openWatched } from '../support/browser.ts';
import { startConfigured } from '../support/server.ts';

let recorder: UptivitySimulator;
let server: Tapegraph;
let browser: Browser;

before(async () => {
  recorder = await startUptivitySimulator({ clock: systemClock, agents: 3 });
  recorder.floor.takeCall(recorder.agent(1), 'I');
  recorder.floor.takeCall(recorder.agent(2), 'I');
  const { timeZone, dateOrder } = recorder.switches;
  const source = {
    name: 'hq',
    vendor: 'uptivity',
    baseUrl: recorder.url,
    auth: { type: 'none' },
    timeZone,
    dateOrder,
    pollSeconds: 1,
    maxAgentBlackoutSeconds: 120,
  };
  server = await startConfigured({ sources: [source] });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.close(1000);
  await recorder?.close();
});

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
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a blackout starts with one press on its reason, counts down to its deadline, and can be undone', async () => {
  const { page, context } = await openBoard();
  const agent = tile(page, 'agent2');
  await agent.getByRole('button', { name: 'Black out: agent2' }).click();
  const dialog = page.getByRole('dialog', { name: 'Black out agent2' });
  await dialog.getByText('1 min', { exact: true }).click();
  await keepScreenshot(page, 'control-blackout-dialog');
  assert.deepEqual(await graveFindings(page), []);
  await dialog.getByRole('button', { name: 'Card payment' }).click();
  await agent.getByText(/^Blackout\s*0:5\d$/).waitFor();
  assert.ok(recorder.isMasked(2), 'the recorder masks the agent');
  await page.getByRole('button', { name: /^1\s*Blackouts$/ }).waitFor();
  const asked = toast(page, 'Black out: agent2');
  await asked.getByText(/^Accepted/).waitFor();
  await asked.hover();
  await keepScreenshot(page, 'control-blackout');
  assert.deepEqual(await graveFindings(page), []);
  await asked.getByRole('button', { name: 'Undo' }).click();
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
  await keepScreenshot(page, 'control-refused');
  await refused.getByRole('button', { name: 'Dismiss' }).click();
  await refused.waitFor({ state: 'detached' });
  await tile(page, 'agent3').getByRole('button', { name: 'End blackout: agent3' }).click();
  await tile(page, 'agent3').getByRole('button', { name: 'Black out: agent3' }).waitFor();
  await context.close();
});

test('where the answer is lost, a retry uses the same key, so that nothing is done twice', async () => {
  const { page, context } = await openBoard();
  const keys: string[] = [];
  let lose = true;
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as { query: string; variables: { input?: { idempotencyKey: string } } };
    if (!body.query.includes('mutation StopRecording')) return route.continue();
    keys.push(body.variables.input!.idempotencyKey);
    // The server hears the first request; only its answer never arrives.
    if (lose) await route.fetch();
    return lose ? route.abort('connectionreset') : route.continue();
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
  await context.close();
});
