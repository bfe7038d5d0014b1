import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { ask } from '../support/ask.ts';
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

interface Recorded {
  recordings: { nodes: { agent: { name: string | null } | null; source: { capabilities: { operation: string; support: string }[] } }[] };
}

const recordedQuery = `{
  recordings(first: 50, filter: { sources: ["desk"], states: [AVAILABLE], kinds: [AUDIO] }) {
    nodes { agent { name } source { capabilities { operation support } } }
  }
}`;

/** The demo's agents talk for seconds, so that one of them soon has something to play. */
const recordedAgent = async (): Promise<string> => {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const { recordings } = await ask<Recorded>(demo.url, recordedQuery);
    const found = recordings.nodes.find(
      ({ agent, source }) =>
        agent?.name && source.capabilities.some(({ operation, support }) => operation === 'DOWNLOAD_MEDIA' && support !== 'UNSUPPORTED'),
    );
    if (found) return found.agent!.name!;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('no agent of the demo had a recording within a minute');
};

test('an opened agent shows calls, ledger and recordings; one of these plays with its waveform', async () => {
  const name = await recordedAgent();
  const { page, context, complaints, foreign } = await openWatched(browser, `${demo.url}/`);
  await page.getByRole('button', { name, exact: true }).click();
  const drawer = page.getByRole('dialog', { name });
  const recordings = drawer.getByRole('list', { name: 'Recordings' });
  await recordings.getByRole('listitem').first().waitFor();
  const media = page.waitForResponse((response) => response.url().includes('/media/'));
  await recordings
    .getByRole('button', { name: /^Play recording/ })
    .first()
    .click();
  assert.match((await media).headers()['content-type'] ?? '', /^audio\/mpeg/);
  const audio = recordings.locator('audio');
  await audio.waitFor();
  await page.waitForFunction(() => {
    const player = document.querySelector('audio');
    return player !== null && player.duration > 0 && player.readyState >= 2;
  });
  await recordings.getByRole('img', { name: /^Waveform of/ }).waitFor();
  assert.equal(await drawer.getByText('The audio could not be played.').count(), 0);
  await keepScreenshot(page, 'agent-recordings');
  assert.deepEqual(await graveFindings(page), []);

  await drawer.getByRole('tab', { name: 'Calls' }).click();
  await drawer.getByRole('table', { name: 'Calls' }).getByRole('row').nth(1).waitFor();
  await keepScreenshot(page, 'agent-calls');
  await drawer.getByRole('tab', { name: 'Ledger' }).click();
  await drawer.getByRole('table', { name: 'Ledger' }).getByRole('cell', { name: 'Download media' }).first().waitFor();
  const { commands } = await ask<{ commands: { nodes: unknown[] } }>(
    demo.url,
    '{ commands(first: 50, filter: { operations: [DOWNLOAD_MEDIA], statuses: [FAILED] }) { nodes { id } } }',
  );
  assert.deepEqual(commands.nodes, [], 'an MP3 is played without a failure in the ledger');
  assert.deepEqual({ complaints, foreign }, { complaints: [], foreign: [] });
  await context.close();
});

test('a blackout is drawn on the timeline of the recording that it covers, and its commands are in the ledger', async () => {
  const { page, context } = await openWatched(browser, `${demo.url}/?sources=hq&statuses=ON_CALL`);
  const label = (await page
    .getByRole('button', { name: /^Black out:/ })
    .first()
    .getAttribute('aria-label'))!;
  const name = label.replace('Black out: ', '');
  // By its name: the first tile may be another agent's a moment later.
  await page.getByRole('button', { name: label, exact: true }).click();
  await page
    .getByRole('dialog', { name: `Black out ${name}` })
    .getByRole('button', { name: 'Identity check' })
    .click();
  // The next page would cut off a request that is not sent yet.
  await page
    .getByRole('alert')
    .filter({ hasText: label })
    .getByText(/^Accepted/)
    .waitFor();
  await page.goto(`${demo.url}/?sources=hq`);
  await page.getByRole('button', { name, exact: true }).click();
  const drawer = page.getByRole('dialog', { name });
  await drawer.getByText(/^Blackout\s*\d+:\d\d$/).waitFor();
  await drawer
    .getByRole('img', { name: /^Blackout: Identity check from \d+:\d\d to \d+:\d\d/ })
    .first()
    .waitFor();
  await drawer.getByText('Not playable: This recorder offers no playback.').first().waitFor();
  await drawer
    .getByText(/^Blackout: Identity check from \d+:\d\d to \d+:\d\d$/)
    .first()
    .waitFor();
  await drawer.getByRole('button', { name: 'End blackout' }).click();
  await drawer.getByRole('button', { name: 'End blackout' }).waitFor({ state: 'detached' });
  await keepScreenshot(page, 'agent-blackout-timeline');
  await drawer.getByRole('tab', { name: 'Blackouts' }).click();
  const commands = drawer.getByRole('list', { name: 'Blackouts' }).getByRole('list', { name: 'Commands' }).first();
  await commands.getByText(/Start blackout: Accepted in \d/).waitFor();
  await commands.getByText(/Stop blackout: Accepted in \d/).waitFor();
  await keepScreenshot(page, 'agent-blackouts');
  await drawer.getByRole('tab', { name: 'Ledger' }).click();
  const ledger = drawer.getByRole('table', { name: 'Ledger' });
  await ledger.getByRole('cell', { name: 'Stop blackout' }).waitFor();
  await ledger.getByRole('cell', { name: 'Start blackout' }).waitFor();
  await keepScreenshot(page, 'agent-ledger');
  assert.deepEqual(await graveFindings(page), []);
  await context.close();
});
