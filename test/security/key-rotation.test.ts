/** Keys change while the process runs, and a process that cannot start tells no secret. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, it, type TestContext } from 'node:test';
import { connectSocket } from '../support/socket-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'tapegraph-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'tapegraph.yaml');

const configure = (keys: readonly string[], store = 'sqlite::memory:') =>
  writeFileSync(
    file,
    JSON.stringify({
      server: { port: 0 },
      store: { url: store },
      auth: {
        mode: 'apiKeys',
        apiKeys: keys.map((key) => ({ name: key, keySha256: createHash('sha256').update(key).digest('hex'), scopes: ['agents:read'] })),
      },
      sources: [{ name: 'hq', vendor: 'uptivity', baseUrl: 'http://127.0.0.1:1', timeZone: 'UTC' }],
    }),
  );

const run = (test: TestContext) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/tapegraph.ts', 'start', '--config', file], {
    cwd: resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  test.after(() => child.kill('SIGKILL'));
  let told = '';
  const logged = new Set<(text: string) => void>();
  child.stderr.on('data', (data) => {
    told += data;
    for (const hear of logged) hear(told);
  });
  const says = (text: string) =>
    new Promise<void>((done) => {
      const hear = () => {
        if (told.includes(text) && logged.delete(hear)) done();
      };
      logged.add(hear);
      hear();
    });
  return { child, says, told: () => told };
};

it('SIGHUP takes the keys in anew: the new one works, the old one and its streams do not, a broken file changes nothing', {
  timeout: 30_000,
}, async (test) => {
  configure(['marked-old-key']);
  const { child, says, told } = run(test);
  const [line] = await once(child.stdout, 'data');
  const url = /^ready at (\S+)/.exec(String(line))![1]!;
  const status = async (key: string) =>
    (
      await fetch(`${url}/graphql?query=%7Bsources%7Bname%7D%7D`, {
        headers: { authorization: `Bearer ${key}`, 'apollo-require-preflight': '1' },
      })
    ).status;
  assert.deepEqual([await status('marked-old-key'), await status('marked-new-key')], [200, 401]);
  const socket = await connectSocket(`${url}/graphql`);
  await socket.init({ Authorization: 'Bearer marked-old-key' });

  configure(['marked-new-key']);
  child.kill('SIGHUP');
  await says('API keys taken in anew');
  assert.deepEqual([await status('marked-old-key'), await status('marked-new-key')], [401, 200]);
  socket.subscribe('1', '{ sources { name } }');
  assert.equal((await socket.closed).code, 4403);

  writeFileSync(file, 'auth: { mode: nonsense }');
  child.kill('SIGHUP');
  await says('the configuration was not taken in');
  assert.equal(await status('marked-new-key'), 200);
  assert.ok(!/marked-(old|new)-key/.test(told().replaceAll(/"name":"[^"]*"/g, '')), told());
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

it('a store that cannot be reached is told without its password', { timeout: 30_000 }, async (test) => {
  configure(['key'], 'postgres://tapegraph:marked-store-password@127.0.0.1:1/tapegraph');
  const { child, told } = run(test);
  const [code] = await once(child, 'exit');
  assert.notEqual(code, 0);
  assert.ok(told().length > 0 && !told().includes('marked-store-password'), told());
});
