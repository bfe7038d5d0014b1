/** The server behind proxies of other makes, as src/docs/operating.md sets them up, and behind nginx's bare `proxy_pass`. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/lib/clock.ts';
import { startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { namedSnippets } from '../suites/snippets.ts';
import { freePort } from '../support/free-port.ts';
import { installPackages } from '../support/packages.ts';
import { startConfigured } from '../support/server.ts';
import { sha256 } from '../support/sha256.ts';

const documented = namedSnippets('src/docs/operating.md');
const key = 'a key of the suite';
const authorization = `Bearer ${key}`;

interface Proxy {
  package: string;
  program: string;
  /** Writes its files below `folder` and returns the arguments to run it in the foreground. */
  prepare(folder: string, configuration: string): string[];
}

const write = (folder: string, name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const proxies = {
  nginx: {
    package: 'nginx-light',
    program: '/usr/sbin/nginx',
    prepare: (folder, configuration) => {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
      const around = `pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {} http { access_log off; ${paths.join(' ')}\n`;
      return ['-p', folder, '-g', 'daemon off;', '-c', write(folder, 'nginx.conf', `${around}${configuration}}`)];
    },
  },
  haproxy: {
    package: 'haproxy',
    program: '/usr/sbin/haproxy',
    prepare: (folder, configuration) => ['-db', '-f', write(folder, 'haproxy.cfg', configuration)],
  },
  caddy: {
    package: 'caddy',
    program: '/usr/bin/caddy',
    prepare: (folder, configuration) => [
      ...['run', '--adapter', 'caddyfile', '--config'],
      write(folder, 'Caddyfile', `{\n  admin off\n}\n${configuration}`),
    ],
  },
} satisfies Record<string, Proxy>;

before(() => {
  const missing = Object.values(proxies).filter(({ program }) => !existsSync(program));
  if (missing.length > 0) installPackages(missing.map((proxy) => proxy.package));
});

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const startProxy = async (test: TestContext, proxy: Proxy, port: number, configuration: string): Promise<void> => {
  assert.ok(existsSync(proxy.program), `This test needs ${proxy.program}, of Debian's package ${proxy.package}.`);
  const folder = mkdtempSync(join(tmpdir(), 'tapegraph-proxy-'));
  // A proxy that is started as root works as another user.
  chmodSync(folder, 0o755);
  const child: ChildProcess = spawn(proxy.program, proxy.prepare(folder, configuration), {
    cwd: folder,
    env: { ...process.env, HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const ended = once(child, 'close');
  test.after(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${proxy.program} did not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Starts the server behind a proxy; returns the address that clients use. */
const startBehind = async (test: TestContext, proxy: Proxy, configuration: string): Promise<string> => {
  const simulator = await startUptivitySimulator({ clock: systemClock, agents: 3 });
  test.after(simulator.close);
  const [port, inside] = [await freePort(), await freePort()];
  const publicUrl = `http://127.0.0.1:${port}/tapes`;
  const server = await startConfigured({
    server: { host: '127.0.0.1', port: inside, publicUrl, trustedProxies: ['127.0.0.1'] },
    auth: {
      mode: 'apiKeys',
      apiKeys: [{ name: 'suite', keySha256: sha256(key), scopes: ['agents:read'] }],
    },
    sources: [{ name: 'hq', vendor: 'uptivity', baseUrl: simulator.url, timeZone: 'America/New_York', pollSeconds: 0.2 }],
  });
  test.after(() => server.close(1000));
  await startProxy(test, proxy, port, configuration.replaceAll('4000', String(inside)).replaceAll('8080', String(port)));
  return publicUrl;
};

const json = { 'content-type': 'application/json' };
const ask = (url: string, headers: Record<string, string>) =>
  fetch(`${url}/graphql`, { method: 'POST', headers: { ...json, ...headers }, body: '{"query":"{ callerAccess { name } }"}' });

/** Sends one guess of a key from an address of this machine. */
const guess = async (url: string, localAddress: string, number: number): Promise<number> => {
  const headers = { ...json, authorization: `Bearer guess ${number}`, 'x-forwarded-for': `198.51.100.${number}` };
  const sent = request(`${url}/graphql`, { method: 'POST', localAddress, headers, agent: false });
  sent.end('{"query":"{ __typename }"}');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode!;
};

/** Holds what works behind any proxy, with nothing set but its address. */
const holdRequestsAndStreams = async (url: string): Promise<void> => {
  const answer = await ask(url, { authorization });
  assert.deepEqual([answer.status, await answer.json()], [200, { data: { callerAccess: { name: 'suite' } } }]);
  assert.equal((await ask(url, {})).status, 401);
  assert.equal((await fetch(`${url}/metrics`)).status, 401);
  const page = await fetch(`${url}/`);
  assert.match(await page.text(), /Wallboard/);

  const stream = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...json, authorization, accept: 'text/event-stream' },
    body: '{"query":"subscription { agentChanged { id } }"}',
  });
  assert.equal(stream.headers.get('content-type')?.split(';')[0], 'text/event-stream');
  const reader = stream.body!.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /^(:|event)/, 'what is sent arrives while the stream is open');
  await reader.cancel();
};

const openSocket = (url: string) =>
  new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { origin: new URL(url).origin });

for (const [name, file] of [
  ['nginx', 'nginx.conf'],
  ['haproxy', 'haproxy.cfg'],
  ['caddy', 'Caddyfile'],
] as const)
  test(`behind ${name} as documented: requests, streams, WebSockets, and clients distinguished from one another`, async (context) => {
    const url = await startBehind(context, proxies[name], documented.get(file)!);
    await holdRequestsAndStreams(url);

    const socket = openSocket(url);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    const [message] = await once(socket, 'message');
    assert.deepEqual(JSON.parse(String(message)), { type: 'connection_ack' });
    socket.terminate();

    const guesses = await Promise.all(Array.from({ length: 100 }, (_, number) => guess(url, '127.0.0.2', number)));
    assert.deepEqual(new Set(guesses), new Set([401, 429]));
    assert.equal(await guess(url, '127.0.0.3', 0), 401, 'another client is not held to what the first one did');
  });

test('behind a bare proxy_pass of nginx: requests and streams; a WebSocket is refused, not left open', async (context) => {
  const bare = 'server { listen 8080; location / { proxy_pass http://127.0.0.1:4000; } }';
  const url = await startBehind(context, proxies.nginx, bare);
  await holdRequestsAndStreams(url);
  const socket = openSocket(url);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  response.resume();
  socket.terminate();
  assert.ok(response.statusCode! >= 400 && response.statusCode! < 500, String(response.statusCode));
});
