/** A vendor from a package of its own: the documented example is built, packed and installed, and the server that was built runs it. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bundle, skipUnbuilt, startBundle } from './support/bundle.ts';

const root = resolve(import.meta.dirname, '..');

describe('a fifth vendor, from a package of its own', { skip: skipUnbuilt }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapegraph-plugin-'));
  const work = join(folder, 'work');
  const site = join(folder, 'site');
  const config = join(site, 'tapegraph.yaml');
  after(() => rmSync(folder, { recursive: true, force: true }));

  const link = (from: string, name: string) => {
    const place = join(from, 'node_modules', name);
    mkdirSync(resolve(place, '..'), { recursive: true });
    symlinkSync(name === 'tapegraph' ? root : join(root, 'node_modules', name), place);
  };
  const write = (document: object) => writeFileSync(config, JSON.stringify(document));
  const run = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { TAPEGRAPH_CONFIG: _, NODE_OPTIONS: __, ...env } = process.env;
    return promisify(execFile)(process.execPath, [bundle, ...args, '--config', config], {
      cwd: site,
      env: { ...env, ...environment },
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
    );
  };

  before(() => {
    cpSync(join(root, 'test/examples/acme-recorder'), work, { recursive: true });
    for (const name of ['tapegraph', '@types/node', 'undici-types'])
      if (name === 'tapegraph' || existsSync(join(root, 'node_modules', name))) link(work, name);
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: work });
    const packed = JSON.parse(String(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: work }))) as [
      { filename: string },
    ];
    const home = join(site, 'node_modules/tapegraph-acme');
    mkdirSync(home, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, packed[0].filename), '--strip-components=1', '-C', home]);
    link(site, 'tapegraph');
  });

  it('keeps the contract of a vendor', async () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', 'dist/contract.test.js'], {
      cwd: work,
      env,
    });
    assert.match(stdout, /# fail 0/);
    assert.doesNotMatch(stdout, /# pass 0/);
  });

  it('runs in the built server, as Vendor.OTHER with its type', async (t) => {
    const { startAcmeSimulator } = (await import(pathToFileURL(join(site, 'node_modules/tapegraph-acme/dist/simulator.js')).href)) as {
      startAcmeSimulator(key: string): Promise<{ url: string; close(): Promise<void> }>;
    };
    const simulator = await startAcmeSimulator('acme-key');
    t.after(() => simulator.close());
    const source = { name: 'lab', vendor: 'acme', baseUrl: simulator.url, apiKey: 'acme-key', pollSeconds: 0.2 };
    write({ server: { port: 0 }, store: { url: 'sqlite::memory:' }, plugins: ['tapegraph-acme'], sources: [source] });
    const { url } = await startBundle(t, ['--config', config], { cwd: site });
    const ask = async (query: string) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as { data: Record<string, unknown> };
    };
    const { data } = await ask('{ source(name: "lab") { vendor vendorType agents { nodes { externalId name } } } }');
    assert.deepEqual(data.source, { vendor: 'OTHER', vendorType: 'acme', agents: { nodes: [{ externalId: '1', name: 'Ada' }] } });
    const started = await ask(
      'mutation { startRecording(input: { agent: { key: { source: "lab", identifier: ID, value: "1" } } }) { __typename ... on Problem { code message } } }',
    );
    assert.deepEqual(started.data, { startRecording: { __typename: 'ControlSuccess' } });
  });

  it('is configured as the page about extending shows', async () => {
    const page = readFileSync(join(root, 'src/docs/developing.md'), 'utf8');
    writeFileSync(config, /^```yaml\n([\s\S]*?)^```$/m.exec(page)![1]!);
    const { code, stdout, stderr } = await run(['check-config'], { ACME_KEY: 'acme-key' });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /1 source \(lab\)/);
  });

  it('is reported by name where it cannot be loaded, with all other faults', async () => {
    writeFileSync(join(site, 'broken.js'), "throw new Error('no such licence');");
    write({
      server: { port: 'x' },
      plugins: ['./broken.js', '@acme/absent', 'tapegraph-acme'],
      sources: [{ name: 'lab', vendor: 'acme' }],
    });
    const { code, stderr } = await run(['check-config']);
    assert.equal(code, 1);
    for (const fault of [
      /plugins\.0: "\.\/broken\.js" could not be loaded: no such licence/,
      /plugins\.1: "@acme\/absent"/,
      /sources\.0\.baseUrl/,
      /server\.port/,
    ])
      assert.match(stderr, fault);
  });

  it('is part of the JSON Schema of a configuration that names it', async () => {
    write({ plugins: ['tapegraph-acme'], sources: [] });
    const { stdout } = await run(['config-schema']);
    assert.match(stdout, /Acme Recorder/);
  });
});
