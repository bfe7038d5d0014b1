/** Each command's help, what the simulators print, and progress where somebody looks. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';
import { required } from '../src/cli/configured.ts';
import { helpOf, usageOf } from '../src/cli/help.ts';
import { commands } from '../src/cli/index.ts';
import { options, portOf } from '../src/cli/options.ts';
import { createProgress } from '../src/cli/progress.ts';
import { readCommandLine } from '../src/cli/read.ts';
import { readConfiguration } from '../src/config/load.ts';
import { vendorModules } from '../src/vendors/registry.ts';
import { runTapegraph, tapegraphProgram } from './support/program.ts';
import { testFolder } from './support/test-folder.ts';

const folder = testFolder();

describe('help', () => {
  it('lists every command', () => {
    for (const [name, { summary }] of Object.entries(commands))
      assert.match(usageOf(commands), new RegExp(`tapegraph ${name}.* ${summary}`));
  });

  for (const [name, command] of Object.entries(commands)) {
    it(`of ${name} tells each option that it takes`, () => {
      const out = helpOf(name, command);
      assert.deepEqual(readCommandLine([...name.split(' '), '--help']), { print: 'help', text: out });
      for (const option of command.options) assert.ok(out.includes(`--${option}`) && out.includes(options[option].about));
    });
  }

  it('answers the word help as it does the option', () => {
    assert.deepEqual(readCommandLine(['help']), { print: 'help', text: usageOf(commands) });
    assert.deepEqual(readCommandLine(['help', 'audit', 'verify']), readCommandLine(['audit', 'verify', '--help']));
    assert.deepEqual(readCommandLine(['--version']), { print: 'version' });
  });

  it('is what the program prints', async () => {
    const { code, out } = await runTapegraph(['audit', 'verify', '--help']);
    assert.deepEqual([code, out], [0, helpOf('audit verify', commands['audit verify']!)]);
  });

  for (const [words, message] of [
    ['check-config --port 1', 'tapegraph check-config does not accept --port.'],
    ['backup', 'tapegraph backup needs FILE.'],
    ['backup one two', 'tapegraph backup does not accept "two".'],
    ['audit verify all', 'tapegraph audit verify does not accept "all".'],
    ['audit', 'tapegraph has no command "audit"; give audit verify.'],
    ['toString', 'tapegraph has no command "toString".'],
    ['chek-config', 'tapegraph has no command "chek-config"; did you mean check-config?'],
    ['help dance', 'tapegraph has no command "dance".'],
    ['start --prot 1', 'tapegraph has no option --prot; did you mean --port?'],
    ['start -x', 'tapegraph has no option -x.'],
    ['start --port', '--port needs a value.'],
    ['start --config --port 1', '--config needs a value.'],
    ['start --port -1', '--port needs a value.'],
    ['config-schema --json=1', '--json takes no value.'],
    ['start --help=1', '--help takes no value.'],
  ] as const) {
    it(`${words}: ${message}`, () => assert.throws(() => readCommandLine(words.split(' ')), { name: 'UsageError', message }));
  }

  it('is where a wrong command line, or a missing configuration, sends you in one line', async () => {
    assert.deepEqual(await runTapegraph(['backup']), { code: 2, out: '', err: 'tapegraph backup needs FILE. See tapegraph help.\n' });
    const { code, out, err } = await runTapegraph(['migrate', '--config', join(folder, 'none.yaml')]);
    assert.deepEqual([code, out, err], [1, '', `${join(folder, 'none.yaml')}: there is no such file; correct the path\n`]);
    const file = join(folder, 'hosted.yaml');
    writeFileSync(file, 'sources: [{ name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:9", timeZone: UTC }]\n');
    for (const [name, remedy] of [
      ['host', 'set server.host in the configuration.'],
      ['seed', 'leave it out.'],
    ] as const) {
      const parsed = readCommandLine(['start', '--config', file, `--${name}`, '1']);
      assert.ok('command' in parsed);
      await assert.rejects(parsed.command.run(parsed.flags), { name: 'UsageError', message: `--${name} is for the demo; ${remedy}` });
    }
    const unnamed = 'There is no configuration: name one with --config or TAPEGRAPH_CONFIG, or write ./tapegraph.yaml.';
    await assert.rejects(required({ operands: [] }), { name: 'StartError', message: unnamed });
  });

  it('tells a number that is none', async () => {
    const parsed = readCommandLine(['simulate', '--port', 'x']);
    assert.ok('command' in parsed);
    await assert.rejects(parsed.command.run(parsed.flags), { message: '--port must be a whole number from 1024 to 65000.' });
    for (const PORT of ['abc', '70000', '-1', '1e3'])
      assert.throws(() => portOf({ PORT }), { message: 'The environment variable PORT must be a whole number from 0 to 65535.' });
    assert.deepEqual([portOf({ PORT: '4100' }), portOf({ PORT: '' }), portOf({})], [4100, undefined, undefined]);
  });
});

/** The first of four ports in a row that are free now. */
const fourFreePorts = async (): Promise<number> => {
  for (let first = 20_000 + (process.pid % 20_000); ; first += 4) {
    const servers = [0, 1, 2, 3].map((place) => createServer().listen(first + place, '127.0.0.1'));
    const opened = await Promise.all(
      servers.map((server) =>
        once(server, 'listening').then(
          () => true,
          () => false,
        ),
      ),
    );
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    if (opened.every(Boolean)) return first;
  }
};

describe('simulate', () => {
  it('prints a configuration that a server runs on, at the ports that were requested', async () => {
    const first = await fourFreePorts();
    const children: ChildProcess[] = [];
    after(() => {
      for (const child of children) child.kill('SIGKILL');
    });
    const start = (words: readonly string[]) => {
      const child = spawn(process.execPath, [...tapegraphProgram, ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      return child;
    };
    const simulators = start(['simulate', '--port', String(first)]);
    let text = '';
    for await (const chunk of simulators.stdout!) {
      text += chunk;
      if (text.includes('mediaHosts') && text.endsWith('\n')) break;
    }
    const { sources } = readConfiguration(parse(text), { modules: vendorModules, environment: {}, where: 'what simulate prints' });
    assert.equal(sources.length, vendorModules.length);
    for (const place of [0, 1, 2, 3]) assert.ok(text.includes(`http://127.0.0.1:${first + place}`));

    const file = join(folder, 'simulated.yaml');
    writeFileSync(file, `${text}store: { url: "sqlite::memory:" }\n`);
    const server = start(['start', '--config', file, '--port', '0']);
    const [line] = (await once(server.stdout!, 'data')) as [Buffer];
    const url = /ready at (\S+)/.exec(String(line))![1]!;
    const seen = async () => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ agents(first: 100) { nodes { sourceName } } }' }),
      });
      const { data } = (await response.json()) as { data: { agents: { nodes: { sourceName: string }[] } } };
      return new Set(data.agents.nodes.map(({ sourceName }) => sourceName)).size;
    };
    for (const endMs = performance.now() + 20_000; (await seen()) < sources.length; ) {
      assert.ok(performance.now() < endMs, 'the server sees agents of every simulated vendor');
      await new Promise((done) => setTimeout(done, 100));
    }
    const again = await runTapegraph(['simulate', '--port', String(first)]);
    const taken = `Port ${first} on 127.0.0.1 is in use (EADDRINUSE): stop the program that listens there, or choose another with --port or server.port.\n`;
    assert.deepEqual(again, { code: 1, out: '', err: taken });
  });

  it('prints JSON where that is requested', async () => {
    const { out } = await runTapegraph(['simulate', '--json'], (text) => text.endsWith('}\n'));
    assert.ok(
      readConfiguration(JSON.parse(out), { modules: vendorModules, environment: {}, where: 'what simulate prints' }).sources.length > 0,
    );
  });
});

describe('progress', () => {
  const drawn = (isTTY: boolean): string => {
    const stream = Object.assign(new PassThrough(), { isTTY });
    const progress = createProgress(stream as unknown as NodeJS.WriteStream);
    progress.show('events', 25, 100);
    progress.show('events', 100, 100);
    progress.end();
    return String(stream.read() ?? '');
  };

  it('is one line, drawn over and taken away', () => {
    const text = drawn(true);
    assert.match(text, /\revents|\r\S+events/);
    assert.ok(text.includes(' 25 %  25 of 100') && text.includes('100 %  100 of 100'));
    assert.ok(!text.includes('\n') && text.endsWith('\r\x1b[K'));
  });

  it('writes nothing where nobody looks', async () => {
    assert.equal(drawn(false), '');
    const file = join(folder, 'store.yaml');
    writeFileSync(
      file,
      `store: { url: "sqlite:${join(folder, 'one.db')}" }\nsources: [{ name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:9", timeZone: UTC }]\n`,
    );
    for (const words of [
      ['migrate'],
      ['audit', 'verify'],
      ['backup', join(folder, 'copy.db')],
      ['migrate', '--to', `sqlite:${join(folder, 'two.db')}`],
    ]) {
      const { code, out, err } = await runTapegraph([...words, '--config', file]);
      assert.deepEqual([code, err], [0, ''], words.join(' '));
      assert.equal(out.split('\n').length, 2, 'one line says the outcome');
    }
  });
});
