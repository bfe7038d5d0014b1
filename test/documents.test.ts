/** Every operation, command and configuration in the documents does what the document says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import {
  buildASTSchema,
  type DocumentNode,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  print,
  validate,
} from 'graphql';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { commands } from '../src/cli/index.ts';
import { readCommandLine } from '../src/cli/read.ts';
import { readConfiguration } from '../src/config/load.ts';
import { outline } from '../src/config/schema.ts';
import { defaultLimits } from '../src/graphql/policy/limits.ts';
import { commonSettings } from '../src/vendors/kit/index.ts';
import { vendorModules } from '../src/vendors/registry.ts';
import { type RunningDemo, startDemo } from './support/demo.ts';
import { runTapegraph } from './support/program.ts';
import { testFolder } from './support/test-folder.ts';

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

/** Waits until the simulators have reported what the documents describe. */
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

  it('the page for operators names every metric, and no other', async () => {
    const page = readFileSync(join(root, 'src/docs/operating.md'), 'utf8');
    const text = await (await fetch(`${demo.url}/metrics`)).text();
    const served = [...text.matchAll(/^# TYPE (tapegraph_\w+) /gm)].map(([, name]) => name!);
    const named = [...page.matchAll(/`(tapegraph_\w+)`/g)].map(([, name]) => name!);
    assert.deepEqual([...new Set(named)].sort(), served.sort());
  });

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

describe('what the documents send to a gateway', () => {
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

  /** The anchors that GitHub gives to a page's headings. */
  const anchorsOf = (document: string): string[] =>
    [...readFileSync(document, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

  for (const document of documents) {
    const links = [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:)([^)]+)\)/g)].map((match) => match[1]!);
    for (const link of new Set(links)) {
      it(`${document} leads to ${link}`, () => {
        const [file, anchor] = link.split('#');
        const target = file === '' ? join(root, document) : resolve(root, document, '..', file!);
        assert.ok(existsSync(target));
        if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor));
      });
    }
  }

  it('every page is reachable from the README', () => {
    const reached = new Set(['README.md']);
    for (const document of reached) {
      for (const [, link] of readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:)([^)#]+\.md)/g))
        reached.add(relative(root, resolve(root, document, '..', link!)));
    }
    assert.deepEqual(
      documents.filter((document) => !reached.has(document)),
      [],
    );
  });

  for (const block of of('yaml').filter(({ text }) => /^sources:/m.test(text) && !/^plugins:/m.test(text))) {
    it(`${title(block)} is a configuration without a fault`, () => {
      const environment = Object.fromEntries(
        [...block.text.matchAll(/\$\{(\w+)\}/g)].map((match) => [match[1]!, 'a-value-that-is-long-enough']),
      );
      const { sources } = readConfiguration(parseYaml(block.text), { modules: vendorModules, environment, where: title(block) });
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

  const operating = readFileSync(join(root, 'src/docs/operating.md'), 'utf8');

  it('and the page for operators name the settings of every source', () => {
    for (const setting of settingsOf(z.strictObject(commonSettings))) assert.ok(names(operating, setting), setting);
  });

  it('the page for operators names every setting of the file', () => {
    for (const setting of settingsOf(outline)) assert.ok(names(operating, setting) || operating.includes(`### ${setting}`), setting);
  });

  it('the tables of settings name nothing else', () => {
    for (const document of documents) {
      const module = vendorModules.find(({ type }) => document === `src/docs/vendors/${type}.md`);
      const known = new Set([
        ...settingsOf(outline),
        ...['sources', 'store', 'bus', 'media', 'control', 'log', 'tracing'],
        ...settingsOf(z.strictObject(commonSettings)),
        ...(module ? settingsOf(module.settings) : ['vendor']),
      ]);
      for (const [, table] of readFileSync(join(root, document), 'utf8').matchAll(/^\| setting \|.*\n\|[-|]+\n((?:\|.*\n)+)/gm)) {
        for (const [, cell] of table!.matchAll(/^\| ([^|]+) \|/gm))
          for (const [, path] of cell!.matchAll(/`([^`]+)`/g))
            for (const word of path!.split('.')) assert.ok(known.has(word), `${document}: ${path}`);
      }
    }
  });

  it('the table of limits gives their defaults', () => {
    const units: Record<string, number> = { KiB: 1024, MiB: 1024 ** 2 };
    const shown: Record<string, number> = {};
    const table = operating.slice(operating.indexOf('### limits'), operating.indexOf('## Commands'));
    for (const [, cell, values] of table.matchAll(/^\| (`[^|]+) \| ([^|]+) \|/gm)) {
      const given = values!.split(', ').map((value) => {
        const [number, unit] = value.split(' ');
        return Number(number) * (unit === undefined ? 1 : units[unit]!);
      });
      [...cell!.matchAll(/`(\w+)`/g)].forEach(([, name], index) => {
        shown[name!] = given[index]!;
      });
    }
    assert.deepEqual(shown, { ...defaultLimits });
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
  it('checks a configuration', async (t) => {
    const folder = testFolder(t);
    const file = join(folder, 'tapegraph.yaml');
    const block = of('yaml').find(({ text }) => /^sources:/m.test(text))!;
    writeFileSync(file, block.text);
    const environment = Object.fromEntries(
      [...block.text.matchAll(/\$\{(\w+)\}/g)].map((match) => [match[1]!, 'a-value-that-is-long-enough']),
    );
    const { out } = await runTapegraph(['check-config', '--offline'], undefined, { ...environment, TAPEGRAPH_CONFIG: file });
    assert.match(out, /^valid: 2 sources/);
  });

  it('the page for operators lists every command', () => {
    const page = readFileSync(join(root, 'src/docs/operating.md'), 'utf8');
    for (const command of Object.keys(commands)) assert.match(page, new RegExp(`^\\| \`tapegraph ${command}(?: [A-Z]+)?\` \\|`, 'm'));
  });

  it('tells what it can do', async () => {
    const { out } = await runTapegraph(['--help']);
    for (const command of Object.keys(commands)) assert.ok(out.includes(`tapegraph ${command}`));
  });

  const all = documents.map((document) => readFileSync(join(root, document), 'utf8')).join('\n');
  const shown = [...all.matchAll(/`(?:npx )?tapegraph ([a-z-][^`]*)`/g)].map(([, words]) => words!);
  it('takes every command that they show', () => {
    assert.ok(shown.length >= 5);
    for (const words of shown) assert.doesNotThrow(() => readCommandLine(words.split(' ')), words);
  });
});

describe('the schema that the documents name', () => {
  const schema = buildASTSchema(parse(readFileSync(join(root, 'schema/api.graphql'), 'utf8')), { assumeValid: true });
  const federated = buildASTSchema(parse(readFileSync(join(root, 'schema/supergraph.graphql'), 'utf8')), { assumeValid: true });
  const types = [...Object.values(schema.getTypeMap()), ...Object.values(federated.getTypeMap())];
  const membersOf = (type: (typeof types)[number]): string[] =>
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      ? Object.keys(type.getFields())
      : isEnumType(type)
        ? type.getValues().map(({ name }) => name)
        : [];

  /** Words that other parties define: the environment, the systems around the server, client libraries, former names. */
  const foreign = new Set([
    ...['AMQP_URL', 'CHROMIUM_PATH', 'DATABASE_URL', 'SIGHUP', 'TAPEGRAPH_CONFIG'],
    ...['authorization', 'Authorization', 'connection_init', 'from_initial_payload', 'graphql_ws', 'GraphQLWsLink', 'HttpLink'],
    ...['entity', 'Event', 'Media', 'MediaResult', 'noun', 'Operation', 'Source'],
  ]);
  const words = new Set(
    ['schema/supergraph.graphql', 'schema/config.schema.json'].flatMap(
      (file) => readFileSync(join(root, file), 'utf8').match(/\w+/g) ?? [],
    ),
  );
  const proseOf = (document: string) => readFileSync(join(root, document), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');

  for (const document of documents) {
    it(`${document} names fields and values that exist`, () => {
      const missing: string[] = [];
      for (const [, name] of proseOf(document).matchAll(/`([A-Z]\w+\.\w+)(?:\([^`]*\))?`/g)) {
        const [typeName, member] = name!.split('.');
        const owners = types.filter((type) => type.name === typeName);
        if (!owners.some((type) => membersOf(type).includes(member!))) missing.push(name!);
      }
      assert.deepEqual(missing, []);
    });
  }

  for (const document of [
    'README',
    'SECURITY',
    ...['concepts', 'federation', 'front-end', 'upgrading'].map((name) => `src/docs/${name}`),
  ]) {
    it(`${document}.md takes every word in code type from the schema or the settings`, () => {
      const shown = [...proseOf(`${document}.md`).matchAll(/`([A-Za-z]\w+)`/g)].map(([, word]) => word!);
      assert.deepEqual(
        shown.filter((word) => !words.has(word) && !foreign.has(word)),
        [],
      );
    });
  }
});

describe('the page for operators', () => {
  const page = readFileSync(join(root, 'src/docs/operating.md'), 'utf8');
  const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
  const table = page.slice(page.indexOf('| message | level |'), page.indexOf('## Traces'));
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (\w+) \|/gm)];

  it('lists messages of the log', () => assert.ok(rows.length >= 4));
  for (const [, message, level] of rows) {
    it(`names a message that the server logs: ${message}`, () =>
      assert.ok(sources.some((text) => text.includes(`log.${level}('${message}`))));
  }
});
