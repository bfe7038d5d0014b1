/** Files that `plugins` names, good and bad, beside a configuration that has faults of its own. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigurationError, loadConfiguration } from '../../src/config/load.ts';
import { loadPlugins } from '../../src/config/plugins.ts';
import { createVendorContext } from '../../src/vendors/kit/testing/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { programKit, runTapegraph } from '../support/program.ts';
import { testFolder } from '../support/test-folder.ts';

const folder = testFolder();

const kit = new URL('../../src/vendors/kit/index.ts', import.meta.url).href;
let files = 0;
/** Writes a plug-in and returns its path, as a configuration would name it. */
const plugin = (code: string): string => {
  files += 1;
  writeFileSync(join(folder, `${files}.mjs`), code);
  return `./${files}.mjs`;
};
const parts = "{ observes: [], health: () => ({ status: 'UP' }), close: async () => {} }";
const vendor = (type: string, more = '', created = parts, from = kit): string =>
  `import { commonSettings, defineVendor, z } from ${JSON.stringify(from)};
   const settings = z.strictObject({ ...commonSettings, vendor: z.literal('${type}'), key: z.string().min(3) });
   export default defineVendor({ type: '${type}', title: 'Of a test', settings, ${more} create: () => (${created}) });`;

const load = (document: object, environment: Record<string, string> = {}) => {
  const file = join(folder, 'tapegraph.yaml');
  writeFileSync(file, JSON.stringify({ store: { url: 'sqlite::memory:' }, ...document }));
  return loadConfiguration(file, vendorModules, environment);
};

const faultsOf = async (document: object): Promise<ReadonlyMap<string, string>> => {
  const error = await load(document).then(
    () => assert.fail('it has no fault'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ConfigurationError, (error as Error).stack);
  return new Map(error.faults.map(({ path, message }) => [path, message]));
};

const lab = { name: 'lab', vendor: 'mine', key: 'abc' };

describe('plug-ins', () => {
  it('come from a path, or from a variable that lists several', async () => {
    const [mine, yours] = [plugin(vendor('mine')), plugin(vendor('yours'))];
    const sources = [lab, { ...lab, name: 'other', vendor: 'yours' }];
    for (const plugins of [[mine, yours], '$' + '{PLUGINS}']) {
      const configuration = await load({ plugins, sources }, { PLUGINS: `${mine}, ${yours}` });
      assert.deepEqual(
        configuration.sources.map(({ module }) => [module.type, module.vendor]),
        [
          ['mine', 'OTHER'],
          ['yours', 'OTHER'],
        ],
      );
    }
  });

  const zod3 = "export default { type: 'mine', title: 'Mine', vendor: 'OTHER', settings: { safeParse: (x) => x }, create() {} };";
  for (const [what, code, message] of [
    ['throws', "throw new Error('no licence\\nfor you');", 'could not be loaded: no licence'],
    ['throws no error', "throw 'no licence';", 'could not be loaded: no licence'],
    ['is no JavaScript', 'const first = 1;\nconst second = ;', "could not be loaded: Unexpected token ';'; node --check tells where"],
    ['exports no vendor', 'export const nothing = {};', /^exports no vendor; export what defineVendor/],
    ['has the type of a vendor that is there', vendor('huawei'), /^adds the vendor type "huawei", which exists already/],
    [
      'gives itself a word of the schema',
      vendor('mine', "vendor: 'HUAWEI',"),
      /^sets vendor of "mine", which only the vendors of this server have/,
    ],
    ['has settings of another library', zod3, /^has settings of "mine" that are no Zod 4 schema/],
  ] as const)
    it(`one that ${what} is reported by name, with all other faults`, async () => {
      const path = plugin(code);
      const reported = await faultsOf({ server: { port: 'x' }, plugins: [path, '@acme/absent'], sources: [{ name: 'lab' }] });
      assert.deepEqual([...reported.keys()], ['plugins.0', 'plugins.1', 'server.port', 'sources.0.vendor']);
      const said = reported.get('plugins.0')!;
      assert.ok(said.startsWith(`"${path}" `));
      const rest = said.slice(path.length + 3);
      if (typeof message === 'string') assert.equal(rest, message);
      else assert.match(rest, message);
    });

  it('one that never finishes loading is reported by name', async () => {
    const faults: { path: string; message: string }[] = [];
    const path = plugin('await new Promise(() => {});');
    assert.deepEqual(await loadPlugins([path], { directory: folder, known: [], faults, patienceMs: 20 }), []);
    assert.deepEqual(faults, [
      { path: 'plugins.0', message: `"${path}" could not be loaded: it has not finished loading within 0.02 seconds` },
    ]);
  });

  it('faults in its settings, and its own errors in reading them, stand among the others', async () => {
    const broken = plugin(vendor('broken', "fault: () => { throw new Error('of its own'); },"));
    const reported = await faultsOf({
      server: { port: 'x' },
      plugins: [plugin(vendor('mine')), broken],
      sources: [
        { ...lab, key: 'a', extra: 1 },
        { ...lab, name: 'second', vendor: 'broken' },
      ],
    });
    assert.deepEqual([...reported.keys()].sort(), ['server.port', 'sources.0', 'sources.0.key', 'sources.1']);
    assert.equal(reported.get('sources.1'), 'the vendor "broken" could not read these settings: of its own');
  });

  for (const [created, message] of [
    ['undefined', 'create of the vendor "mine" must return "observes", a list that may be empty'],
    ['{ observes: [] }', 'create of the vendor "mine" must return "health", a function'],
    ["{ observes: [], health: () => ({ status: 'UP' }) }", 'create of the vendor "mine" must return "close", a function'],
  ] as const)
    it(`a source that is ${created} is refused when it is made`, async () => {
      const { sources } = await load({ plugins: [plugin(vendor('mine', '', created))], sources: [lab] });
      assert.throws(() => sources[0]!.module.create(sources[0]!.settings, createVendorContext()), { name: 'TypeError', message });
    });

  for (const [what, code, thrown] of [
    ['throws an error', "(() => { throw new TypeError('no licence\\nfor you'); })()", 'no licence'],
    ['throws a text', "(() => { throw 'no licence'; })()", 'no licence'],
    ['returns no source', 'undefined', 'create of the vendor "mine" must return "observes", a list that may be empty'],
  ] as const)
    it(`a start with one whose create ${what} ends in one message that names it`, async () => {
      const path = plugin(vendor('mine', '', code, programKit));
      const file = join(folder, 'throws.yaml');
      writeFileSync(file, JSON.stringify({ server: { port: 0 }, store: { url: 'sqlite::memory:' }, plugins: [path], sources: [lab] }));
      const { code: status, out, err } = await runTapegraph(['--config', file]);
      const message = `Source lab cannot be made: its vendor "mine", from the plug-in "${path}", threw: ${thrown}\n`;
      assert.deepEqual({ status, out, err }, { status: 1, out: '', err: message });
    });
});
