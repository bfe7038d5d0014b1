/** Every fault of the configuration is a sentence of the house: the thing, the rule and the remedy, in a line. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigurationError, loadConfiguration, readConfiguration } from '../../src/config/load.ts';
import { configurationJsonSchema } from '../../src/config/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { testFolder } from '../support/test-folder.ts';

const hq = { name: 'hq', vendor: 'uptivity', baseUrl: 'http://127.0.0.1:9301', timeZone: 'UTC' };

interface Node {
  properties?: Record<string, Node & { const?: unknown }>;
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
  const?: unknown;
}

type Path = readonly (string | number)[];

/** Every setting below `node`, with the words that choose its block (`vendor`, `type`, `mode`) beside it. */
const settingsOf = (
  node: Node,
  path: Path = [],
  around: ReadonlyMap<string, unknown> = new Map(),
): [Path, ReadonlyMap<string, unknown>][] => {
  const options = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  if (options.length > 0) return options.flatMap((option) => settingsOf(option, path, around));
  if (node.items) return [[path, around], ...settingsOf(node.items, [...path, 0], around)];
  if (!node.properties) return [[path, around]];
  const chosen = Object.entries(node.properties).flatMap(([key, { const: word }]) =>
    word === undefined ? [] : [[[...path, key].join('.'), word] as const],
  );
  const beside = new Map([...around, ...chosen]);
  return [[path, around], ...Object.entries(node.properties).flatMap(([key, child]) => settingsOf(child, [...path, key], beside))];
};

/** A document with `value` at `path`, and what `around` says beside it. */
const documentWith = (path: Path, value: unknown, around: ReadonlyMap<string, unknown>): object => {
  const root: Record<string, unknown> = {};
  const put = (to: Path, what: unknown) => {
    let place = root as Record<string | number, unknown>;
    to.slice(0, -1).forEach((step, index) => {
      place[step] ??= typeof to[index + 1] === 'number' ? [] : {};
      place = place[step] as Record<string | number, unknown>;
    });
    if (to.length > 0) place[to.at(-1)!] = what;
  };
  for (const [words, word] of around)
    put(
      words.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      word,
    );
  put(path, value);
  return path[0] === 'sources' ? root : { sources: [hq], ...root };
};

const faultsOf = (document: unknown): readonly { path: string; message: string }[] => {
  try {
    readConfiguration(document, { modules: vendorModules, environment: {}, where: 'the file' });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.faults;
  }
};

it('no value in a wrong place is reported in the words of a library', () => {
  const settings = settingsOf(configurationJsonSchema(vendorModules) as Node);
  assert.ok(settings.length > 100, `${settings.length} settings`);
  let reported = 0;
  for (const [path, around] of settings) {
    for (const value of [null, -0.5, '', '\u0000', true, [], {}, [null], [[]], { a: 1 }]) {
      for (const { message } of faultsOf(documentWith(path, value, around))) {
        reported += 1;
        assert.doesNotMatch(
          message,
          /Invalid|expected|received|undefined|null|\[object|NaN|regular expression|\n|[.:]$/,
          `${path.join('.')} = ${JSON.stringify(value)}`,
        );
      }
    }
  }
  assert.ok(reported > settings.length, `${reported} faults`);
  for (const document of [null, 7, 'text', [], [hq]])
    for (const { message } of faultsOf(document)) assert.match(message, /^must be settings/);
});

it('origins and hosts that nothing could ever match are refused', () => {
  const refused = (server: object) => faultsOf({ server, sources: [hq] }).map(({ path }) => path);
  for (const origin of [
    'crm.example.com',
    'https://crm.example.com/',
    'https://crm.example.com/app',
    'https://*.example.com',
    'https://',
    'null',
  ])
    assert.deepEqual(refused({ corsOrigins: [origin] }), ['server.corsOrigins.0'], origin);
  for (const origin of [
    '*',
    'https://crm.example.com',
    'http://localhost:*',
    'https://[::1]:8443',
    'capacitor://localhost',
    'HTTPS://CRM.example.com',
  ])
    assert.deepEqual(refused({ corsOrigins: [origin] }), [], origin);
  for (const host of ['https://router.example.com', 'router.example.com/path', 'a b', '*']) {
    assert.deepEqual(refused({ callbackHosts: [host] }), ['server.callbackHosts.0'], host);
  }
  for (const host of ['router', 'router.example.com:4040', '*.example.com', '10.0.0.7', '[::1]:4040'])
    assert.deepEqual(refused({ callbackHosts: [host] }), [], host);
});

describe('a plug-in that cannot be loaded', () => {
  const folder = testFolder();

  it('is reported in a line, without the files of this program', async () => {
    mkdirSync(join(folder, 'empty'));
    writeFileSync(join(folder, 'lines.js'), "throw new Error('one\\ntwo');");
    writeFileSync(join(folder, 'broken.js'), 'export const = 1;');
    writeFileSync(join(folder, 'lacks.js'), "import 'tapegraph-absent-package';");
    const file = join(folder, 'tapegraph.yaml');
    const plugins = ['./nowhere.js', 'tapegraph-absent', './empty', './lines.js', './broken.js', './lacks.js'];
    writeFileSync(file, JSON.stringify({ plugins, sources: [hq] }));
    await assert.rejects(loadConfiguration(file, vendorModules, {}), ({ message }: Error) => {
      const [, ...lines] = message.split('\n');
      assert.equal(lines.length, plugins.length, message);
      for (const [index, plugin] of plugins.entries())
        assert.ok(lines[index]!.startsWith(`  plugins.${index}: "${plugin}" `), lines[index]);
      assert.match(lines[0]!, /is not there; install the package/);
      assert.match(lines[1]!, /is not there; install the package/);
      assert.match(lines[2]!, /it is a directory; name a file in it$/);
      assert.match(lines[3]!, /could not be loaded: one$/);
      assert.ok(lines.every((line) => !line.includes('/src/')));
      return true;
    });
  });
});
