/** Keys change while the process runs, and a process that cannot start tells no secret. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it, type TestContext } from 'node:test';
import { tapegraphProgram } from '../support/program.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket } from '../support/socket-client.ts';
import { testFolder } from '../support/test-folder.ts';

const folder = testFolder();
const file = join(folder, 'tapegraph.yaml');

const configureAuth = (auth: object, store = 'sqlite::memory:') =>
  writeFileSync(
    file,
    JSON.stringify({
      server: { port: 0 },
      store: { url: store },
      auth,
      sources: [{ name: 'hq', vendor: 'uptivity', baseUrl: 'http://127.0.0.1:1', timeZone: 'UTC' }],
    }),
  );

const configure = (keys: readonly string[], store?: string) => {
  const entry = (key: string) => ({ name: key, keySha256: sha256(key), scopes: ['agents:read'] });
  configureAuth({ mode: 'apiKeys', apiKeys: keys.map(entry) }, store);
};

const root = resolve(import.meta.dirname, '../..');

/** The server as a service runs: its configuration lies where it is started. */
const run = (test: TestContext) => {
  const { TAPEGRAPH_CONFIG: _, ...environment } = process.env;
  const child = spawn(process.execPath, [...tapegraphProgram, 'start'], {
    cwd: folder,
    env: { ...environment, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  test.after(() => child.kill('SIGKILL'));
  let output = '';
  const logged = new Set<(text: string) => void>();
  child.stderr.on('data', (data) => {
    output += data;
    for (const recordContact of logged) recordContact(output);
  });
  const says = (text: string) =>
    new Promise<void>((done) => {
      const recordContact = () => {
        if (output.includes(text) && logged.delete(recordContact)) done();
      };
      logged.add(recordContact);
      recordContact();
    });
  /** Resolves with the server's URL. */
  const ready = async () => /^ready at (\S+)/.exec(String((await once(child.stdout, 'data'))[0]))![1]!;
  /** Tells the server to take its configuration in anew, and waits for what it says of it. */
  const reload = async (text: string) => {
    child.kill('SIGHUP');
    await says(text);
  };
  return { child, ready, reload, output: () => output };
};

const status = async (url: string, key: string) => {
  const headers = { authorization: `Bearer ${key}`, 'apollo-require-preflight': '1' };
  return (await fetch(`${url}/graphql?query=%7Bsources%7Bname%7D%7D`, { headers })).status;
};

it('SIGHUP takes the keys in anew: the new one works, the old one and its streams do not, a broken file changes nothing', {
  timeout: 30_000,
}, async (test) => {
  configure(['marked-old-key']);
  const { child, ready, reload, output } = run(test);
  const url = await ready();
  assert.deepEqual([await status(url, 'marked-old-key'), await status(url, 'marked-new-key')], [200, 401]);
  const socket = await connectSocket(`${url}/graphql`);
  await socket.init({ Authorization: 'Bearer marked-old-key' });

  configure(['marked-new-key']);
  await reload('API keys reloaded');
  assert.deepEqual([await status(url, 'marked-old-key'), await status(url, 'marked-new-key')], [401, 200]);
  socket.subscribe('1', '{ sources { name } }');
  assert.equal((await socket.closed).code, 4403);

  writeFileSync(file, 'auth: { mode: nonsense }');
  await reload('the configuration was not reloaded');
  assert.equal(await status(url, 'marked-new-key'), 200);
  configureAuth({ mode: 'none' });
  await reload('auth.mode is now none');
  assert.equal(await status(url, 'marked-new-key'), 200);
  rmSync(file);
  await reload('There is no configuration');
  assert.equal(await status(url, 'marked-new-key'), 200);
  assert.ok(!/marked-(old|new)-key/.test(output().replaceAll(/"name":"[^"]*"/g, '')), output());
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

it('SIGHUP leaves a server without API keys as it is, and says so', { timeout: 30_000 }, async (test) => {
  configureAuth({ mode: 'none' });
  const { ready, reload } = run(test);
  const url = await ready();
  configure(['key']);
  await reload('nothing was reloaded: a reload changes API keys');
  assert.equal(await status(url, ''), 200);
});

it('a store that cannot be reached is reported without its password', { timeout: 30_000 }, async (test) => {
  configure(['key'], 'postgres://tapegraph:marked-store-password@127.0.0.1:1/tapegraph');
  const { child, output } = run(test);
  const [code] = await once(child, 'exit');
  assert.notEqual(code, 0);
  assert.ok(output().length > 0 && !output().includes('marked-store-password'), output());
});
