/** Tests that what is shipped works where it lands: the package with production dependencies alone, and what the image is made of. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { skipUnbuilt, startBundle } from './support/bundle.ts';
import { type RunningDemo, startDemo } from './support/demo.ts';

const root = resolve(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const { engines, bin } = JSON.parse(read('package.json')) as { engines: { node: string }; bin: { tapegraph: string } };

/** Runs to its end and never throws. */
const run = async (program: string, args: readonly string[], cwd = root): Promise<{ code: number; out: string; err: string }> => {
  const { TAPEGRAPH_CONFIG: _, NODE_OPTIONS: __, ...env } = process.env;
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd, env });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
};

describe('the package', { skip: skipUnbuilt }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapegraph-package-'));
  const installed = join(folder, 'node_modules', 'tapegraph');
  const broughtAlong: string[] = [];
  let files: string[] = [];
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(() => {
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root });
    const [{ filename, files: listed }] = JSON.parse(String(packed)) as [{ filename: string; files: { path: string }[] }];
    files = listed.map(({ path }) => path);
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', installed]);
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; link?: boolean }>;
    };
    for (const [path, { dev, devOptional, link }] of Object.entries(packages)) {
      const name = path.slice('node_modules/'.length);
      if (path === '' || dev || devOptional || link || name.includes('node_modules/') || !existsSync(join(root, path))) continue;
      add(path);
      broughtAlong.push(path);
    }
  });

  const add = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(root, path), join(folder, path));
  };

  it('brings along only what its types name, at most 13 MB', () => {
    const sizeOf = (path: string): number =>
      readdirSync(join(root, path), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    assert.deepEqual(broughtAlong.map((path) => path.slice('node_modules/'.length)).sort(), Object.keys(dependencies).sort());
    const megabytes = broughtAlong.reduce((sum, path) => sum + sizeOf(path), 0) / 1e6;
    assert.ok(megabytes > 1 && megabytes <= 13, `${megabytes} MB`);
  });

  it('holds the program, its pages and the schema, and nothing else', () => {
    const needed = [
      ...['dist/tapegraph.js', 'dist/web/index.html', 'dist/web/playground.html', 'dist/NOTICES.md', 'dist/web/NOTICES.md'],
      ...['dist/client/index.js', 'dist/types/client/index.d.ts', 'schema/subgraph.graphql', 'LICENSE', 'README.md', 'SECURITY.md'],
      ...['src/docs/operating.md', 'src/observability/alerts.yaml', 'src/observability/dashboard.json'],
      ...['src/docs/developing.md', 'test/examples/acme-recorder/src/index.ts'],
    ];
    for (const path of needed) assert.ok(files.includes(path), path);
    const others = files.filter(
      (path) =>
        !/^(dist\/.*(?<!\.map)|schema\/.*|src\/(docs|deploy)\/.*|test\/examples\/.*|src\/observability\/(alerts\.yaml|dashboard\.json)|package\.json|README\.md|SECURITY\.md|LICENSE)$/.test(
          path,
        ),
    );
    assert.deepEqual(others, []);
  });

  it('is a program, and a library whose types hold', async () => {
    assert.ok(statSync(join(installed, bin.tapegraph)).mode & 0o100, 'it can be executed');
    // The types of the vendor kit name Node's, which are those of the author's own project.
    for (const path of ['node_modules/@types/node', 'node_modules/undici-types']) add(path);
    const file = join(folder, 'use.mts');
    const use = (type: string) =>
      `import { createTapegraphClient, SourcesDocument } from 'tapegraph/client';
import { commonSettings, createVendorApi, z } from 'tapegraph/vendor-kit';
import { testVendor } from 'tapegraph/vendor-kit/testing';
export const settings = z.object({ ...commonSettings, apiKey: z.string() });
export const key: ${type} = settings.parse({}).apiKey.length;
export const functions: ((...args: never) => unknown)[] = [createVendorApi, testVendor];
const client = createTapegraphClient({ url: 'http://127.0.0.1:4000/graphql' });
export const sources: ${type} | undefined = (await client.request(SourcesDocument, {})).sources?.length;\n`;
    const check = () =>
      run(
        process.execPath,
        [
          join(root, 'node_modules/typescript/bin/tsc'),
          ...'--ignoreConfig --noEmit --strict --module nodenext --target es2023 --types node'.split(' '),
          file,
        ],
        folder,
      );
    writeFileSync(file, use('number'));
    assert.deepEqual(await check(), { code: 0, out: '', err: '' });
    writeFileSync(file, use('string'));
    assert.match((await check()).out, /number.*string/);
    const { out } = await run(
      process.execPath,
      ['--input-type=module', '-e', "import { createTapegraphClient } from 'tapegraph/client'; console.log(typeof createTapegraphClient)"],
      folder,
    );
    assert.equal(out, 'function\n');
  });

  it('exports the client, the vendor kit and the schema files, which an empty project can import', async () => {
    const imports = ['client', 'vendor-kit', 'vendor-kit/testing'].map((name) => `import('tapegraph/${name}')`).join(', ');
    const text = "readFileSync(fileURLToPath(import.meta.resolve('tapegraph/schema/api.graphql')), 'utf8')";
    const program = `import { readFileSync } from 'node:fs'; import { fileURLToPath } from 'node:url';
      const [client, kit, testing] = await Promise.all([${imports}]);
      console.log(typeof client.createTapegraphClient, typeof kit.defineVendor, typeof testing.testVendor, ${text}.includes('type Query {'));`;
    assert.deepEqual(await run(process.execPath, ['--input-type=module', '-e', program], folder), {
      code: 0,
      out: 'function function function true\n',
      err: '',
    });
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string | Record<string, string>> };
    const targets = Object.values(exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)));
    for (const target of targets) if (!target.includes('*')) assert.ok(files.includes(target.slice(2)), target);
  });

  it('starts without a development dependency and finds its pages', async (t) => {
    const { TAPEGRAPH_CONFIG: _, NODE_OPTIONS: __, ...env } = process.env;
    const program = join(installed, bin.tapegraph);
    const { child, url } = await startBundle(t, ['--port', '0'], { cwd: folder, program, env });
    for (const path of ['/', '/graphql']) {
      const response = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
      const page = await response.text();
      assert.equal(response.status, 200, path);
      const script = /src="(?:\.?)(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
      assert.ok(script, `${path} is the built page`);
      assert.equal((await fetch(`${url}${script}`)).status, 200, script);
    }
    child.kill('SIGTERM');
  });

  it('says which Node it needs to one that is too old, before it loads anything', async () => {
    const version = engines.node.replace('>=', '');
    const older = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})`;
    const { code, out, err } = await run(process.execPath, ['--import', older, join(installed, bin.tapegraph), '--help'], folder);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.ok(err.startsWith(`Tapegraph needs Node ${version} or later; this is 20.20.2, at `), err);
    const imports = [...readFileSync(join(installed, bin.tapegraph), 'utf8').matchAll(/^import .* from ['"](.*)['"]/gm)];
    assert.ok(imports.every(([, name]) => name === 'node:module'));
  });

  it('tells its version', async () => {
    const { out } = await run(process.execPath, [join(installed, bin.tapegraph), '--version'], folder);
    assert.equal(out, `${JSON.parse(read('package.json')).version}\n`);
  });
});

describe('the image', () => {
  const instructions = read('Dockerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => ({ name: line.split(' ')[0]!, rest: line.slice(line.indexOf(' ') + 1).trim() }));
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  const ignored = read('.dockerignore').trim().split('\n');
  let demo: RunningDemo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  it('is made of files that are there and not ignored', () => {
    const copies = instructions.filter(({ name, rest }) => name === 'COPY' && !rest.includes('--from='));
    assert.ok(copies.length > 0);
    for (const { rest } of copies) {
      for (const path of rest.split(/\s+/).slice(0, -1)) {
        assert.ok(existsSync(join(root, path)), path);
        assert.ok(!ignored.includes(path.split('/')[0]!), `${path} is ignored`);
      }
    }
  });

  it('takes from the build only what the build makes or is given', () => {
    const given = instructions
      .filter(({ name, rest }) => name === 'COPY' && !rest.includes('--from='))
      .map(({ rest }) => rest)
      .join(' ');
    for (const { rest } of last.filter(({ name }) => name === 'COPY')) {
      const path = rest.split(/\s+/).at(-2)!.replace('/app/', '');
      assert.ok(['node_modules', 'dist'].includes(path) || given.split(/\s+/).includes(path), path);
    }
  });

  it('runs as a user without rights, and hands signals to the server', () => {
    const place = (name: string) => last.findIndex((one) => one.name === name);
    assert.equal(last[place('USER')]?.rest, 'node');
    assert.ok(place('USER') < place('ENTRYPOINT'));
    const command = JSON.parse(last[place('ENTRYPOINT')]!.rest) as string[];
    assert.deepEqual([command[0], command.at(-1)], ['node', bin.tapegraph]);
    const flags = command.slice(1, -1).join(' ');
    assert.match(flags, /^--max-semi-space-size=\d+ --max-old-space-size=\d+$/);
    for (const file of ['package.json', 'src/deploy/tapegraph.service', 'src/docs/operating.md'])
      assert.ok(read(file).includes(flags), `${file} gives Node the flags of the image`);
  });

  it('has a health check that knows a server that is ready from none', async () => {
    const check = last.find(({ name }) => name === 'HEALTHCHECK')!.rest;
    const [, ...args] = JSON.parse(check.slice(check.indexOf('CMD ') + 4)) as string[];
    const argsFor = (origin: string) => args.map((arg) => arg.replace('http://127.0.0.1:4000', origin));
    assert.equal((await run(process.execPath, argsFor(demo.url))).code, 0);
    assert.equal((await run(process.execPath, argsFor('http://127.0.0.1:1'))).code, 1);
  });
});
