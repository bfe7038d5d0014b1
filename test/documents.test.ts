/** Every operation, command and configuration in the documents does what the document says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { type DocumentNode, getOperationAST, parse, print, validate } from 'graphql';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { commands } from '../src/cli/index.ts';
import { readCommandLine } from '../src/cli/read.ts';
import { readConfiguration } from '../src/config/load.ts';
import { commonSettings } from '../src/vendors/kit/index.ts';
import { vendorModules } from '../src/vendors/registry.ts';
import { type RunningDemo, startDemo } from './support/demo.ts';

const root = resolve(import.meta.dirname, '..');
const documents = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'src/docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `src/docs/${name}`),
];

interface Block {
  document: string;
  line: number;
  language: string;
  text: string;
}

const blocks: readonly Block[] = documents.flatMap((document) => {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1]!,
    text: match[2]!,
  }));
});

const of = (language: string) => blocks.filter((block) => block.language === language);
const title = ({ document, line }: Block) => `${document}:${line}`;

/** Asks for what only neighbours know: such operations go through a gateway. */
const isFederated = (text: string): boolean => /\b(team|teams|customer|score)\b/.test(text);

/** Waits for the simulators to have shown what the documents speak of. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail('the demo did not come alive');
};

describe('what the documents show', () => {
  let demo: RunningDemo;
  const ask = async (
    document: DocumentNode | string,
  ): Promise<{ data?: Record<string, unknown> | null; errors?: { message: string }[] }> => {
    const query = typeof document === 'string' ? document : print(document);
    const response = await fetch(`${demo.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return response.json() as never;
  };
  before(async () => {
    demo = await startDemo();
    await until(async () => {
      const { data } = await ask('{ agents(filter: { sources: ["hq"] }) { nodes { id } } }');
      return ((data?.agents as { nodes: unknown[] } | undefined)?.nodes.length ?? 0) > 0;
    });
  });
  after(() => demo.close());

  it('is something', () => assert.ok(of('graphql').length >= 6 && of('sh').length >= 4));

  for (const block of of('graphql').filter(({ text }) => !isFederated(text) && !/^(extend|type)\b/m.test(text))) {
    it(`${title(block)} runs`, async () => {
      const document = parse(block.text);
      if (getOperationAST(document)?.operation !== 'subscription') {
        const { data, errors } = await ask(document);
        assert.deepEqual(errors, undefined);
        assert.ok(
          Object.values(data ?? {}).every((value) => value !== null && !(value as { code?: string }).code),
          JSON.stringify(data),
        );
        return;
      }
      const ended = new AbortController();
      const response = await fetch(`${demo.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: block.text }),
        signal: ended.signal,
      });
      assert.equal(response.headers.get('content-type')?.split(';')[0], 'text/event-stream');
      if (block.text.includes('agentChanged')) {
        let received = '';
        for await (const chunk of response.body!) {
          received += Buffer.from(chunk).toString('utf8');
          if (received.includes('event: next')) break;
        }
        assert.match(received, /"snapshot":true/);
      }
      ended.abort();
    });
  }

  for (const block of of('sh').filter(({ text }) => text.startsWith('curl'))) {
    it(`${title(block)} runs`, async () => {
      const command = block.text.replaceAll('http://127.0.0.1:4000', demo.url);
      const { stdout } = await promisify(execFile)('bash', ['-c', `${command.trim()} || test $? -eq 28`]);
      assert.ok(!stdout.includes('"errors"'), stdout);
      assert.match(stdout, /"data":\{/);
    });
  }
});

describe('what the documents ask of a gateway', () => {
  const api = Supergraph.build(readFileSync(join(root, 'schema/supergraph.graphql'), 'utf8'), {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
    .apiSchema()
    .toGraphQLJSSchema();
  for (const block of of('graphql').filter(({ text }) => isFederated(text) && !/^(extend|type)\b/m.test(text))) {
    it(`${title(block)} is valid in the composed schema`, () => assert.deepEqual(validate(api, parse(block.text)), []));
  }
});

describe('the scripts and files that the documents name', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const all = documents.map((document) => readFileSync(join(root, document), 'utf8')).join('\n');
  const builtIn = ['ci', 'cit', 'install', 'pack', 'start', 'test'];

  for (const [, name] of new Map([...all.matchAll(/(?:`|^|&& )npm (?:run )?([a-z][a-z:-]*)/gm)].map((match) => [match[1], match[1]]))) {
    it(`npm ${name} is there`, () => assert.ok(builtIn.includes(name!) || name! in scripts));
  }

  for (const document of documents) {
    const links = [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map((match) => match[1]!);
    for (const link of new Set(links)) {
      it(`${document} leads to ${link}`, () =>
        assert.ok(readdirSync(resolve(root, document, '..', link, '..')).includes(link.split('/').pop()!)));
    }
  }

  for (const block of of('yaml').filter(({ text }) => /^sources:/m.test(text))) {
    it(`${title(block)} is a configuration without a fault`, () => {
      const environment = Object.fromEntries(
        [...block.text.matchAll(/\$\{(\w+)\}/g)].map((match) => [match[1]!, 'a-value-that-is-long-enough']),
      );
      const { sources } = readConfiguration(parseYaml(block.text), vendorModules, environment, title(block));
      assert.ok(sources.length > 0);
    });
  }
});

describe("the vendors' pages", () => {
  const settingsOf = (settings: z.ZodType): string[] => {
    const found: string[] = [];
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties } = node as { properties?: Record<string, unknown> };
      if (properties) found.push(...Object.keys(properties));
      for (const value of Object.values(node)) walk(value);
    };
    walk(z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }));
    return [...new Set(found)];
  };
  const names = (text: string, setting: string): boolean => new RegExp(`[\`{ ,.]${setting}\\b`).test(text);

  it('and the page for operators name the settings of every source', () => {
    const page = readFileSync(join(root, 'src/docs/operating.md'), 'utf8');
    for (const setting of settingsOf(z.strictObject(commonSettings))) assert.ok(names(page, setting), setting);
  });

  for (const module of vendorModules) {
    const document = `src/docs/vendors/${module.type}.md`;
    it(`${document} says what works, what cannot, each setting, and the traps`, () => {
      const page = readFileSync(join(root, document), 'utf8');
      for (const heading of ['**Works**', '**Cannot**', '| setting | meaning |', '**Traps**']) assert.ok(page.includes(heading), heading);
      const common = settingsOf(z.strictObject(commonSettings));
      for (const setting of settingsOf(module.settings)) assert.ok(common.includes(setting) || names(page, setting), setting);
    });
    it(`${document} shows a source`, () => assert.ok(of('yaml').some((block) => block.document === document)));
  }
});

describe('the unit for systemd', () => {
  const unit = of('ini').find(({ document }) => document === 'README.md')!.text;
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];

  it('runs the command that the package installs, and gives it the time that it takes to stop', () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    const [, program, command] = value('ExecStart')!.split(' ');
    assert.ok(program! in bin && command! in commands);
    assert.ok(Number(value('TimeoutStopSec')) > 10);
    assert.equal(value('WorkingDirectory'), `/var/lib/${value('StateDirectory')}`);
  });
});

describe('the command line that the documents name', () => {
  const program = join(root, 'src/cli/tapegraph.ts');
  const run = (args: string[], environment: Record<string, string> = {}) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', program, ...args], { cwd: root, env: { ...process.env, ...environment } });

  it('checks a configuration', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapegraph-'));
    const file = join(folder, 'tapegraph.yaml');
    const block = of('yaml').find(({ text }) => /^sources:/m.test(text))!;
    writeFileSync(file, block.text);
    const environment = Object.fromEntries(
      [...block.text.matchAll(/\$\{(\w+)\}/g)].map((match) => [match[1]!, 'a-value-that-is-long-enough']),
    );
    const { stdout } = await run(['check-config'], { ...environment, TAPEGRAPH_CONFIG: file });
    assert.match(stdout, /^good: 2 sources/);
  });

  it('tells what it can do', async () => {
    const { stdout } = await run(['--help']);
    for (const command of Object.keys(commands)) assert.ok(stdout.includes(`tapegraph ${command}`));
  });

  const all = documents.map((document) => readFileSync(join(root, document), 'utf8')).join('\n');
  const shown = [...all.matchAll(/`(?:npx )?tapegraph ([a-z-][^`]*)`/g)].map(([, words]) => words!);
  it('takes every command that they show', () => {
    assert.ok(shown.length >= 5);
    for (const words of shown) assert.doesNotThrow(() => readCommandLine(words.split(' ')), words);
  });
});
