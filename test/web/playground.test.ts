import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { graveFindings, keepScreenshot, launchBrowser, openWatched } from '../support/browser.ts';
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

const openPlayground = async (link = '', options = {}) => {
  const watched = await openWatched(browser, `${demo.url}/graphql${link}`, options);
  await watched.page.getByRole('button', { name: /^Execute query/ }).waitFor();
  // Nothing can be run before the editor shows it.
  await watched.page
    .locator('.graphiql-query-editor .view-lines')
    .getByText(/query|subscription/)
    .first()
    .waitFor();
  return watched;
};

const answer = (page: Page) => page.locator('.graphiql-response .view-lines');
const answerText = async (page: Page): Promise<string> => ((await answer(page).textContent()) ?? '').replaceAll('\u00a0', ' ');

const run = async (page: Page, tab: string): Promise<void> => {
  await page.getByRole('button', { name: tab, exact: true }).click();
  await page.getByRole('button', { name: /^Execute query/ }).click();
};

const names = [
  'AgentsBoard',
  'AgentByReference',
  'StartRecording',
  'StopRecording',
  'StartBlackout',
  'StopBlackout',
  'LatestRecordings',
  'Entities',
];

test('every example runs as it stands', async () => {
  const { page, context, complaints, foreign } = await openPlayground();
  for (const name of names) {
    await run(page, name);
    await page.waitForFunction(() => /"(data|errors)"/.test(document.querySelector('.graphiql-response .view-lines')?.textContent ?? ''));
    const text = await answerText(page);
    assert.ok(!text.includes('"errors"'), `${name} answers ${text}`);
    if (name === 'AgentsBoard') await keepScreenshot(page, 'playground-query');
  }
  assert.deepEqual({ complaints, foreign }, { complaints: [], foreign: [] });
  assert.deepEqual(await graveFindings(page), []);
  await context.close();
});

test('a subscription streams its snapshot and goes on until it is stopped', async () => {
  const { page, context } = await openPlayground();
  await run(page, 'AgentChanged');
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('agentChanged'));
  const first = await answerText(page);
  await page.waitForFunction(
    (text) => (document.querySelector('.graphiql-response .view-lines') as HTMLElement).textContent.replaceAll('\u00a0', ' ') !== text,
    first,
  );
  await keepScreenshot(page, 'playground-subscription');
  await page.getByRole('button', { name: /^Stop query/ }).click();
  await page.getByRole('button', { name: /^Execute query/ }).waitFor();
  await context.close();
});

test('another tab ends a subscription, says so, and runs what it holds; an edit of what runs is not lost', async () => {
  const { page, context } = await openPlayground();
  await run(page, 'AgentChanged');
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('agentChanged'));
  await page.getByRole('button', { name: 'AgentsBoard', exact: true }).click();
  await page.getByText('AgentChanged was stopped, because another tab was opened.').waitFor();
  await keepScreenshot(page, 'playground-stopped');
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('totalCount'));

  await run(page, 'AgentChanged');
  await page.getByRole('button', { name: /^Stop query/ }).waitFor();
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('agentChanged'));
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# mine ');
  await page.keyboard.press('Control+Enter');
  await page.getByText('AgentChanged was stopped. Run again to send what the editor holds now.').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: /^Stop query/ }).waitFor();
  await context.close();
});

test('a command and the entities of a gateway are ready to run, and nothing in them is underlined', async () => {
  const { page, context } = await openPlayground();
  await run(page, 'StartBlackout');
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('startBlackout'));
  assert.match(await answerText(page), /"state": "ACTIVE"/);
  await page.getByRole('button', { name: 'Entities', exact: true }).click();
  const editor = page.locator('.graphiql-query-editor');
  await editor.getByText('_entities').first().waitFor();
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('_entities'));
  assert.equal(await editor.locator('.squiggly-error, .squiggly-warning').count(), 0);
  await keepScreenshot(page, 'playground-entities');
  await context.close();
});

test('is usable on a phone: the query is there to be read, and its answer too', async () => {
  const { page, context } = await openPlayground('', { viewport: { width: 390, height: 844 }, hasTouch: true });
  // The editor measures its place once more after it has shown its lines.
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('.graphiql-query-editor .view-line')].filter((line) => {
        const { top, bottom, height } = line.getBoundingClientRect();
        return height > 0 && top >= 0 && bottom <= innerHeight && line.textContent !== '';
      }).length > 8,
  );
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.getByRole('button', { name: /^Execute query/ }).tap();
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('totalCount'));
  await keepScreenshot(page, 'playground-phone');
  await answer(page).scrollIntoViewIfNeeded();
  const box = (await page.locator('.graphiql-response').boundingBox())!;
  assert.ok(box.height > 300 && box.width > 300, `the answer has ${box.width} by ${box.height} px`);
  await keepScreenshot(page, 'playground-phone-answer');
  await context.close();
});

test('has docs, history and explorer at hand', async () => {
  const { page, context } = await openPlayground('', { colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page
    .getByRole('link', { name: 'Subscription' })
    .or(page.getByText('Subscription', { exact: true }))
    .first()
    .waitFor();
  await keepScreenshot(page, 'playground-docs');
  await page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click();
  await page.locator('.docExplorerWrap, .graphiql-explorer-root').first().waitFor();
  await keepScreenshot(page, 'playground-explorer');
  await page.getByRole('button', { name: 'Show History' }).click();
  await page.getByText('History', { exact: true }).waitFor();
  await context.close();
});

test('a link carries an operation and its variables', async () => {
  const query = 'query Shared($first: Int) { agents(first: $first) { nodes { id } } }';
  const { page, context } = await openPlayground(`#${new URLSearchParams({ query, variables: '{"first": 2}' })}`);
  await page.getByRole('button', { name: 'Shared', exact: true }).waitFor();
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.waitForFunction(() => document.querySelector('.graphiql-response .view-lines')?.textContent?.includes('nodes'));
  assert.equal((await answerText(page)).match(/"id"/g)?.length, 2);
  await page.getByRole('button', { name: 'Share as a link' }).click();
  const shared = new URLSearchParams(new URL(page.url()).hash.slice(1));
  assert.equal(shared.get('query'), query);
  assert.deepEqual(JSON.parse(shared.get('variables')!), { first: 2 });
  await context.close();
});

test('sends the key of the field, and keeps it to the tab', async () => {
  const { page, context } = await openPlayground();
  await page.getByLabel('Access key').fill('a key of mine');
  await page.getByRole('button', { name: 'Use', exact: true }).click();
  await page.getByRole('button', { name: /^Execute query/ }).waitFor();
  const request = page.waitForRequest((one) => one.method() === 'POST' && (one.postData() ?? '').includes('AgentsBoard'));
  await run(page, 'AgentsBoard');
  assert.equal((await request).headers().authorization, 'Bearer a key of mine');
  assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes('a key of mine'));
  await context.close();
});
