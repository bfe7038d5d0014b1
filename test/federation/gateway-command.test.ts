/** `npm run gateway`: the demo behind a gateway with two neighbours, without a network. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../support/browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const run = (context: TestContext, ports: readonly string[]) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/gateway.ts', ...ports], { cwd: root });
  const ended = once(child, 'close');
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended };
};

test('the query of the documents is answered, and the page in the browser needs nothing from elsewhere', async (context) => {
  const { child } = run(context, ['--port', '0', '--demo-port', '0']);
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      const ready = /gateway ready at (\S+)/.exec(String(chunk))?.[1];
      if (ready !== undefined) resolve(ready);
    });
    text(child.stderr).then((said) => reject(new Error(said)), reject);
  });
  const query = /^```graphql\n(query Floor [\s\S]*?)^```$/m.exec(readFileSync(`${root}/src/docs/federation.md`, 'utf8'))?.[1];
  assert.ok(query, 'src/docs/federation.md has the query Floor');
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  const { data, errors } = (await response.json()) as {
    data: { agents: { nodes: object[] }; teams: { name: string }[] };
    errors?: object[];
  };
  assert.equal(errors, undefined);
  assert.equal(data.agents.nodes.length, 12);
  assert.deepEqual(
    data.teams.map(({ name }) => name),
    ['Claims', 'Sales', 'Service'],
  );
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const elsewhere: string[] = [];
    await page.route('**', (route) => {
      if (new URL(route.request().url()).host === new URL(url).host) return route.continue();
      elsewhere.push(route.request().url());
      return route.abort();
    });
    await page.goto(`${url}?query=${encodeURIComponent('{ passMark }')}`);
    await page.getByRole('button', { name: /execute query/i }).click();
    await page.getByText('"passMark": 70').waitFor();
    assert.deepEqual(elsewhere, []);
  } finally {
    await browser.close();
  }
});

for (const option of ['--port', '--demo-port'])
  test(`a port of ${option} that is in use is reported with the option that chooses another`, async (context) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const { port } = server.address() as { port: number };
    const { child, ended } = run(context, [['--port', '--demo-port'].find((other) => other !== option)!, '0', option, String(port)]);
    const said = await text(child.stderr);
    assert.deepEqual((await ended)[0], 1);
    assert.match(said, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use .*\\n.*npm run gateway -- ${option} ${port + 1}\\n$`));
  });

for (const [what, ports, message] of [
  ['an option that is misspelt', ['--prot', '4200'], /^Unknown option '--prot'/],
  ['a port that is no number', ['--port', 'x'], /^--port must be a number from 0 to 65535\.\n/],
  ['one port for both', ['--demo-port', '4100'], /^--port and --demo-port must differ\.\n/],
] as const)
  test(`${what} is reported with the options that there are`, async (context) => {
    const { child, ended } = run(context, ports);
    const said = await text(child.stderr);
    assert.deepEqual((await ended)[0], 1);
    assert.match(said, message);
    assert.match(said, /\nThe options of this command are --port and --demo-port, .*\n$/);
  });
