/** The product as operators meet it: a process, its ready line, its exit codes. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { tapegraphProgram } from './support/program.ts';
import { testFolder } from './support/test-folder.ts';

const root = resolve(import.meta.dirname, '..');
const folder = testFolder();

interface Run {
  child: ChildProcess;
  out(): string;
  err(): string;
  /** The first line on standard output. */
  line: Promise<string>;
  exit: Promise<number | null>;
}

const run = (args: string[], environment: Record<string, string> = {}): Run => {
  const { TAPEGRAPH_CONFIG: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [...tapegraphProgram, ...args], { cwd: root, env: { ...inherited, ...environment } });
  const texts = { out: '', err: '' };
  child.stderr.on('data', (data) => {
    texts.err += data;
  });
  const line = new Promise<string>((done, fail) => {
    child.stdout.on('data', (data) => {
      texts.out += data;
      if (texts.out.includes('\n')) done(texts.out.split('\n')[0]!);
    });
    child.once('exit', () => fail(new Error(`it ended without a line:\n${texts.err}`)));
  });
  line.catch(() => undefined);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  after(() => child.kill('SIGKILL'));
  return { child, out: () => texts.out, err: () => texts.err, line, exit };
};

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('the demo', () => {
  it('says where it is ready, comes alive with agents of every vendor, and goes at a signal', async () => {
    const demo = run(['start', '--port', '0']);
    assert.equal(await demo.line, 'No configuration found: running the demo with simulated recorders.');
    const [, url] = /^ready at (http:\/\/127\.0\.0\.1:\d+)$/m.exec(demo.out())!;
    for (const page of [`wallboard   ${url}/\n`, `playground  ${url}/graphql\n`, 'Ctrl-C'])
      assert.ok(demo.out().includes(page), demo.out());
    const ask = async (query: string) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as { data: { agents: { nodes: { status: string; source: { vendor: string } }[] } } };
    };
    const live = new Set<string>();
    const endMs = performance.now() + 20_000;
    while (live.size < 4 && performance.now() < endMs) {
      const { data } = await ask('{ agents(first: 100) { nodes { status source { vendor } } } }');
      for (const { status, source } of data.agents.nodes) if (status !== 'UNKNOWN' && status !== 'OFFLINE') live.add(source.vendor);
      if (live.size < 4) await new Promise((done) => setTimeout(done, 100));
    }
    assert.deepEqual([...live].sort(), ['HUAWEI_CC_GATEWAY', 'MIRALIX_OFFICETEAM', 'NICE_UPTIVITY', 'TENCENT_CCC']);
    const ready = await fetch(`${url}/health/ready`);
    assert.equal(ready.status, 200);
    for (const page of ['/', '/graphql']) {
      const html = await (await fetch(`${url}${page}`, { headers: { accept: 'text/html' } })).text();
      assert.match(html, /<html data-demo lang="en">/, `${page} is marked as the demo's`);
    }
    const second = run(['start', '--port', new URL(url!).port]);
    assert.equal(await second.exit, 1);
    assert.match(second.err(), /^Port \d+ on 127\.0\.0\.1 is in use \(EADDRINUSE\): [^\n]*--port[^\n]*\n$/);
    const beganMs = performance.now();
    demo.child.kill('SIGTERM');
    assert.equal(await demo.exit, 0);
    assert.ok(performance.now() - beganMs < 5000, 'it took its time to end');
    assert.ok(demo.out().endsWith(`\nready at ${url}\n`));
  });
});

describe('the command line', () => {
  it('check-config lists every fault of a broken file and exits 1', async () => {
    const file = write(
      'broken.yaml',
      `server: { port: no }\nsources:\n  - { name: hq, vendor: uptivity, baseUrl: "$\{NOT_SET_ANYWHERE}" }\n  - { name: hq, vendor: cisco }\n`,
    );
    const check = run(['check-config', '--config', file]);
    assert.equal(await check.exit, 1);
    for (const place of [
      'server.port',
      'sources.0.baseUrl: the environment variable NOT_SET_ANYWHERE',
      'sources.0.timeZone',
      'sources.1.vendor',
    ]) {
      assert.ok(check.err().includes(place), `${place} is not in:\n${check.err()}`);
    }
    assert.ok(!check.err().includes('    at '), 'a stack is no help to an operator');
  });

  it('check-config says what is good, by --config or TAPEGRAPH_CONFIG', async () => {
    const file = write('good.yaml', 'sources:\n  - { name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:9", timeZone: UTC }\n');
    const check = run(['check-config', '--offline'], { TAPEGRAPH_CONFIG: file });
    assert.equal(await check.exit, 0);
    assert.match(check.out(), /^valid: 1 source \(hq\), listening on 127\.0\.0\.1:4000\n$/);
  });

  it('refuses unknown commands and options with 2 and the usage, and --help with 0', async () => {
    const runs = [run(['dance']), run(['start', '--colour', 'red']), run(['--help'])];
    assert.deepEqual(await Promise.all(runs.map(({ exit }) => exit)), [2, 2, 0]);
    assert.match(runs[0]!.err(), /no command "dance"\. See tapegraph help\./);
    assert.match(runs[1]!.err(), /--colour.*\. See tapegraph help\./);
    assert.match(runs[2]!.out(), /check-config/);
  });
});
