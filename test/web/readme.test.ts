/** A newcomer's first minutes: every block of the README in the order of the page, in a shell and in the playground. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openWatched } from '../support/browser.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
  language: language!,
  text: text!.trim(),
}));
const demoAddress = 'http://127.0.0.1:4000';
const folder = mkdtempSync(join(tmpdir(), 'tapegraph-readme-'));
const { TAPEGRAPH_CONFIG: _, NODE_TEST_CONTEXT: __, ...environment } = process.env;
const running = new Set<ChildProcess>();
let browser: Browser;

/** Starts a program with npm and resolves with the URL of its ready line. */
const startWithNpm = async (words: readonly string[]): Promise<{ url: string; stop(): Promise<void> }> => {
  const child = spawn('npm', [...words], { cwd: root, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let text = '';
  const url = await new Promise<string>((done, fail) => {
    const read = (data: Buffer) => {
      text += data;
      const found = /ready at (\S+)/.exec(text);
      if (found) done(found[1]!);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => fail(new Error(`npm ${words.join(' ')} ended:\n${text}`)));
  });
  const stop = async () => {
    running.delete(child);
    process.kill(-child.pid!, 'SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { url: url.replace(/\/graphql$/, ''), stop };
};

before(async () => {
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const { pid } of running) process.kill(-pid!, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Pastes an operation into the playground, executes it, and returns its answer; of a stream, what is shown first. */
const paste = async (page: Page, operation: string): Promise<string> => {
  const name = operation.split(' ')[1]!;
  const isStream = operation.startsWith('subscription');
  await page.getByRole('button', { name: 'New tab' }).click();
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.evaluate((text) => navigator.clipboard.writeText(text), operation);
  await page.keyboard.press('ControlOrMeta+V');
  const answered = isStream ? null : page.waitForResponse((response) => (response.request().postData() ?? '').includes(name));
  await page.getByRole('button', { name: /^Execute query/ }).click();
  if (answered !== null) return JSON.stringify(await (await answered).json(), null, 2);
  const response = page.locator('.graphiql-response .view-lines');
  await response.getByText('snapshot').waitFor();
  await page.getByRole('button', { name: /^Stop query/ }).click();
  return ((await response.textContent()) ?? '').replaceAll('\u00a0', ' ');
};

test('every block runs in the order of the page, and no answer surprises', { timeout: 300_000 }, async () => {
  const ran: string[] = [];
  let demo: Awaited<ReturnType<typeof startWithNpm>> | null = null;
  let page: Page | null = null;
  for (const { language, text } of blocks) {
    const first = text.split('\n')[0]!;
    if (text === 'npm ci && npm start') {
      demo = await startWithNpm(['start', '--', '--port', '0']);
      const permissions = ['clipboard-read', 'clipboard-write'];
      ({ page } = await openWatched(browser, `${demo.url}/graphql`, { permissions }));
      await page.getByRole('button', { name: /^Execute query/ }).waitFor();
    } else if (text === 'npm cit') {
      const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
      assert.match(scripts.test!, /npm run check/);
    } else if (language === 'sh') {
      const command = text.replaceAll(demoAddress, demo!.url);
      const { stdout } = await promisify(execFile)('bash', ['-c', `${command} || test $? -eq 28`]);
      assert.match(stdout, /"data":\{/);
      assert.doesNotMatch(stdout, /"errors"/);
    } else if (language === 'graphql' && /\bteam\b/.test(text)) {
      await demo!.stop();
      const gateway = await startWithNpm(['run', 'gateway', '--', '--port', '0', '--demo-port', '0']);
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: text }),
      });
      const { data, errors } = (await response.json()) as { data: { agents: { nodes: { team: unknown }[] } }; errors?: unknown };
      assert.equal(errors, undefined);
      assert.ok(data.agents.nodes.length > 0);
      await gateway.stop();
    } else if (language === 'graphql') {
      const answer = await paste(page!, text);
      assert.doesNotMatch(answer, /"errors"|"name": null|"code"/, answer);
      if (first.startsWith('query Board')) assert.equal(answer.match(/"externalId"/g)?.length, 5, answer);
    } else if (language === 'yaml') {
      const file = join(folder, 'tapegraph.yaml');
      writeFileSync(file, text);
      const secrets = Object.fromEntries([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name!, 'a-value-that-is-long-enough']));
      const { stdout } = await promisify(execFile)('npx', ['tapegraph', 'check-config', '--offline', '--config', file], {
        cwd: root,
        env: { ...environment, ...secrets },
      });
      assert.match(stdout, /^valid: 2 sources/m);
    } else assert.match(first, /systemd/);
    ran.push(`${language}: ${first}`);
  }
  assert.equal(ran.length, blocks.length);
});
