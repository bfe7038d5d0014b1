import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { isLoopback } from '../../src/config/auth.ts';
import { ConfigurationError, findConfiguration, loadConfiguration, readConfiguration } from '../../src/config/load.ts';
import { readTrustedDocuments } from '../../src/config/trusted-documents.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { testFolder } from '../support/test-folder.ts';

/** A source that lacks nothing. */
const hq = { name: 'hq', vendor: 'uptivity', baseUrl: 'http://127.0.0.1:9301', timeZone: 'America/New_York' };
const key = { name: 'wallboard', keySha256: 'a'.repeat(64), scopes: ['agents:read'] };

/** As the file refers to the environment. */
const variable = (name: string): string => `$\{${name}}`;

const read = (document: unknown, environment: Record<string, string> = {}) =>
  readConfiguration(document, { modules: vendorModules, environment, where: 'the file' });

const faultsOf = (document: unknown, environment: Record<string, string> = {}): ReadonlyMap<string, string> => {
  try {
    read(document, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    for (const { path, message } of error.faults) assert.ok(error.message.includes(path === '' ? message : `${path}: ${message}`));
    return new Map(error.faults.map(({ path, message }) => [path, message]));
  }
  return new Map();
};

describe('a good configuration', () => {
  it('needs no more than its sources, and says what holds for the rest', () => {
    const { server, auth, store, bus, limits, sources, loopbackOnly, media } = read({ sources: [hq] });
    assert.deepEqual(
      [server.host, server.port, auth.mode, store.url, bus.url],
      ['127.0.0.1', 4000, 'none', 'sqlite:./data/tapegraph.db', 'memory:'],
    );
    assert.deepEqual([limits.depth, limits.aliases, limits.cost, limits.bodyBytes, limits.pageSize], [12, 30, 5000, 262_144, 100]);
    assert.deepEqual([loopbackOnly, media.linkSeconds], [true, 300]);
    assert.deepEqual(
      sources.map(({ module, settings }) => [module.type, settings.name]),
      [['uptivity', 'hq']],
    );
  });

  it('takes values from the environment, in the middle of strings too, and $${ for itself', () => {
    const source = { ...hq, auth: { type: 'basic', username: 'api', password: `$${variable('A')}${variable('SECRET')}!` } };
    const [{ settings }] = read({ sources: [source] }, { SECRET: 'hush' }).sources as never as [
      { settings: { auth: { password: string } } },
    ];
    assert.equal(settings.auth.password, `${variable('A')}hush!`);
  });
});

describe('faults', () => {
  it('are reported all at once, each with its path', () => {
    const faults = faultsOf({
      server: { port: 70_000, colour: 'red' },
      limits: { depth: 0 },
      store: { url: 'mysql://x' },
      bus: { url: 'kafka://x' },
      media: { signingKey: 'short' },
      log: { level: 'loud' },
      sources: [
        { name: 'HQ!', vendor: 'uptivity', baseUrl: 'ftp://x', auth: { type: 'basic', username: 'api' } },
        { name: 'x', vendor: 'cisco' },
        { name: 'y' },
      ],
    });
    for (const path of [
      'server',
      'server.port',
      'limits.depth',
      'store.url',
      'bus.url',
      'media.signingKey',
      'log.level',
      'sources.0.name',
      'sources.0.baseUrl',
      'sources.0.timeZone',
      'sources.0.auth.password',
      'sources.1.vendor',
      'sources.2.vendor',
    ]) {
      assert.ok(faults.has(path), `${path} is not reported: ${JSON.stringify([...faults])}`);
    }
    assert.match(faults.get('server')!, /unknown key colour; check the spelling/);
    assert.match(faults.get('store.url')!, /must be sqlite: and a path, .* or start with postgres:/);
    assert.match(faults.get('sources.0.timeZone')!, /is missing/);
    assert.match(faults.get('sources.0.auth.password')!, /is missing/);
    assert.match(faults.get('sources.1.vendor')!, /"cisco" is not known; give one of .*uptivity/);
    assert.match(faults.get('sources.2.vendor')!, /is missing; give one of/);
  });

  it('of one block hide none of another', () => {
    const push = { name: 'desk', vendor: 'tencent', sdkAppId: 1400000001, push: { auth: { type: 'none' } } };
    const faults = faultsOf({
      server: { host: '0.0.0.0' },
      auth: { mode: 'apiKeys', apiKeys: [{ name: 'a', keySha256: '0'.repeat(64), scopes: [], sources: ['hq', 'hp'] }] },
      store: { url: 'sqlite:' },
      bus: { url: 'memory' },
      sources: [{ ...hq, timeZone: 'Mars' }, push],
    });
    assert.deepEqual(
      [...faults.keys()].sort(),
      ['auth.apiKeys.0.sources', 'bus.url', 'sources.0.timeZone', 'sources.1', 'store.url'],
      [...faults].join('\n'),
    );
    assert.match(faults.get('auth.apiKeys.0.sources')!, /"hp" is not the name of a source; did you mean hq\?/);
    assert.match(faults.get('sources.1')!, /anyone who can reach this server can post recordings; .*allowAnonymousPush: true/);
    for (const url of ['sqlite://data/x.db', 'sqlite://', 'mysql://x'])
      assert.match(faultsOf({ store: { url }, sources: [hq] }).get('store.url')!, /sqlite: and a path/);
    assert.equal(read({ store: { url: 'sqlite:///var/x.db' }, sources: [hq] }).store.url, 'sqlite:///var/x.db');
  });

  it('of a misspelled word name the one that is meant, at any depth and in any vendor', () => {
    const faults = faultsOf({
      srver: {},
      server: { hots: '127.0.0.1' },
      store: { keepDays: { call: 4 } },
      auth: { mode: 'apikeys', apiKeys: [{ ...key, keysha256: 'x', sources: ['hp'] }] },
      log: { level: 'loud' },
      sources: [
        { ...hq, auth: { type: 'basik' }, circuit: { failure: 3 } },
        { name: 'x', vendor: 'uptivty' },
        { name: 'm', vendor: 'huawei', baseUrl: 'http://x', agents: [{ id: 5, password: 'x', phone: '4', phnoe: '4' }] },
      ],
    });
    for (const [path, message] of [
      ['', 'unknown key srver; did you mean server?'],
      ['server', 'unknown key hots; did you mean host?'],
      ['store.keepDays', 'unknown key call; did you mean calls?'],
      ['auth.mode', 'unknown mode apikeys; did you mean apiKeys?'],
      ['auth.apiKeys.0', 'unknown key keysha256; did you mean keySha256?'],
      ['log.level', 'unknown level loud; give one of debug, info, warn, error, silent'],
      ['sources.0.auth.type', 'unknown type basik; did you mean basic?'],
      ['sources.0.circuit', 'unknown key failure; did you mean failures?'],
      ['sources.1.vendor', '"uptivty" is not known; did you mean uptivity?'],
      ['sources.2.agents.0', 'unknown key phnoe; did you mean phone?'],
    ] as const)
      assert.equal(faults.get(path), message);
    const misplaced = faultsOf({ auth: { mode: 'apiKeys', apiKeys: [{ ...key, sources: ['hp'] }] }, sources: [hq] });
    assert.equal(misplaced.get('auth.apiKeys.0.sources'), '"hp" is not the name of a source; did you mean hq?');
  });

  it('show nothing that came from the environment', () => {
    const document = { log: { level: variable('SECRET') }, sources: [{ ...hq, auth: { type: variable('SECRET') } }] };
    const faults = faultsOf(document, { SECRET: 'hush' });
    assert.equal(faults.get('log.level'), 'must be one of debug, info, warn, error, silent');
    assert.equal(faults.get('sources.0.auth.type'), 'must be one of none, basic, headers');
  });

  it('tell a number out of its range, and a percent sign that encodes nothing', () => {
    const faults = faultsOf({ server: { port: 70_000 }, limits: { depth: 0 }, store: { url: 'postgres://me:100%@db/x' }, sources: [hq] });
    assert.equal(faults.get('server.port'), 'must be at most 65535');
    assert.equal(faults.get('limits.depth'), 'must be more than 0');
    assert.match(faults.get('store.url')!, /percent-encoding.*% is %25/);
  });

  it('of the environment name the variable and the place', () => {
    const faults = faultsOf({ sources: [{ ...hq, auth: { type: 'basic', username: variable('WHO'), password: variable('not a name') } }] });
    assert.match(faults.get('sources.0.auth.username')!, /the environment variable WHO is not set; set it, or write the value here/);
    assert.match(faults.get('sources.0.auth.password')!, /not the name of an environment variable/);
  });

  it('of half a source name every setting it lacks, for every vendor', () => {
    const faults = faultsOf({ sources: vendorModules.map(({ type }, index) => ({ name: `s${index}`, vendor: type })) });
    vendorModules.forEach(({ type }, index) => {
      const own = [...faults].filter(([path]) => path.startsWith(`sources.${index}.`));
      assert.ok(own.length > 0, `${type} starts with nothing but a name`);
      for (const [path, message] of own) assert.match(message, /is missing/, `${type} ${path}`);
    });
  });

  it('of two sources or keys of one name', () => {
    const faults = faultsOf({ auth: { mode: 'apiKeys', apiKeys: [key, key] }, sources: [hq, { ...hq, timeZone: 'UTC' }] });
    assert.match(faults.get('sources.1.name')!, /"hq" is already the name of sources\.0;/);
    assert.match(faults.get('auth.apiKeys.1.name')!, /used twice/);
  });

  it('of a document that is no mapping, or has no sources', () => {
    for (const document of [null, 'text', [], 4]) assert.ok(faultsOf(document).size > 0, JSON.stringify(document));
    assert.match(faultsOf({ sources: [] }).get('sources')!, /at least one source/);
    assert.match(faultsOf({}).get('sources')!, /is missing/);
    assert.ok(faultsOf({ sources: 'hq' }).has('sources'));
    assert.ok(faultsOf({ sources: [null] }).has('sources.0.vendor'));
  });
});

describe('authentication', () => {
  it('none is refused off loopback, and so is none at all', () => {
    const off = (auth?: object) => faultsOf({ server: { host: '0.0.0.0' }, ...(auth ? { auth } : {}), sources: [hq] });
    assert.match(off({ mode: 'none' }).get('auth.mode')!, /refused on 0\.0\.0\.0; use apiKeys or jwt, or listen on 127\.0\.0\.1/);
    assert.match(off().get('auth')!, /is missing/);
    assert.equal(off({ mode: 'apiKeys', apiKeys: [key] }).size, 0);
    for (const host of ['127.0.0.1', '127.8.0.1', 'localhost', '::1']) {
      assert.equal(isLoopback(host), true);
      assert.equal(faultsOf({ server: { host }, auth: { mode: 'none' }, sources: [hq] }).size, 0, host);
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'localhost.example']) assert.equal(isLoopback(host), false, host);
  });

  it('none is refused behind a proxy, which passes on what anybody asks as its own', () => {
    const behind = (server: object, auth: object | undefined = { mode: 'none' }) => faultsOf({ server, auth, sources: [hq] });
    for (const server of [{ publicUrl: 'https://recorders.example.com/tapes' }, { trustedProxies: ['127.0.0.1'] }]) {
      assert.match(behind(server).get('auth.mode')!, /refused behind a proxy/);
      assert.equal(behind(server, { mode: 'apiKeys', apiKeys: [key] }).size, 0);
    }
    for (const publicUrl of ['http://127.0.0.1:4000', 'http://localhost:4000/tapes', 'http://[::1]:4000'])
      assert.equal(behind({ publicUrl }).size, 0, publicUrl);
    assert.match(behind({ trustedProxies: ['nowhere'] }).get('server.trustedProxies.0')!, /IP address or a network/);
    assert.match(behind({ publicUrl: 'ftp://x' }).get('server.publicUrl')!, /http or https/);
    for (const publicUrl of [
      'https://x.example.com/t?a=1',
      'https://x.example.com/?',
      'https://x.example.com/t#a',
      'https://u:p@x.example.com',
    ])
      assert.match(behind({ publicUrl }).get('server.publicUrl')!, /must end with its path/, publicUrl);
  });

  it('by keys wants keys that are hashes, with scopes that are known and sources that are there', () => {
    const faults = faultsOf({
      auth: { mode: 'apiKeys', apiKeys: [{ ...key, keySha256: 'secret', scopes: ['everything'] }] },
      sources: [hq],
    });
    assert.match(faults.get('auth.apiKeys.0.keySha256')!, /sha256sum/);
    assert.ok(faults.has('auth.apiKeys.0.scopes.0'));
    assert.match(faultsOf({ auth: { mode: 'apiKeys' }, sources: [hq] }).get('auth.apiKeys')!, /at least one key/);
    assert.match(
      faultsOf({ auth: { mode: 'apiKeys', apiKeys: [{ ...key, sources: ['nowhere'] }] }, sources: [hq] }).get('auth.apiKeys.0.sources')!,
      /"nowhere"/,
    );
    assert.match(faultsOf({ auth: { mode: 'jwt' }, sources: [hq] }).get('auth.jwt')!, /issuer, audience and jwksUrl/);
  });
});

describe('the file', () => {
  const folder = testFolder();
  const write = (text: string) => {
    const file = join(folder, 'tapegraph.yaml');
    writeFileSync(file, text);
    return file;
  };
  const load = (file: string) => loadConfiguration(file, vendorModules, {});

  it('that is missing, or is no YAML, is reported with its name or the line', async () => {
    await assert.rejects(() => load(join(folder, 'none.yaml')), /none\.yaml: there is no such file; correct the path$/);
    await assert.rejects(() => load(folder), /: it is a directory; name a file in it$/);
    await assert.rejects(() => load(write('server:\n  port: 1\n bus: "x\n')), /line \d/);
    await assert.rejects(
      () => load(write('sources: [{')),
      /tapegraph\.yaml: line 1: [^\n]*a bracket or a quote is not closed; align it, or close it$/,
    );
    // The parser quotes what it meets on the second line.
    await assert.rejects(
      () => load(write(`a: { key: ${variable('KEY')},\n  hush }`)),
      ({ message }: Error) => /line 1: [^\n]*\$\{NAME\}/.test(message) && !message.includes('hush'),
    );
    const flow = `server: { port: ${variable('PORT')} }`;
    await assert.rejects(
      () => load(write(flow)),
      /tapegraph\.yaml: line 1: a variable within \{ \} or \[ \] lacks its quotes; write it as "\$\{NAME\}"$/,
    );
    await assert.rejects(() => load(write(`a: 1\na: 2\n${flow}`)), /has 2 errors:\n {2}line 2: [^\n]*\n {2}line 3: [^\n]*quotes/);
    await assert.rejects(
      () => load(write(`${flow}\nmedia: {}\n${flow.replace('server', 'bus')}\nstore: {}\n`)),
      /has 2 errors:\n {2}line 1: [^\n]*\n {2}line 3: /,
    );
    // Faults that the parser finds after this one follow from it.
    await assert.rejects(
      () => load(write(`${flow.replace('}', '')}\nbus: {}\nmedia: {}\n`)),
      ({ message }: Error) => !message.includes('errors'),
    );
    for (const text of ['', '# nothing yet\n', '---\n', 'null\n'])
      await assert.rejects(() => load(write(text)), /the file is empty; it needs/);
  });

  for (const [what, written, pattern] of [
    ['colon', 'hush: x', /line 2: a text contains a colon and a space.*in quotes$/],
    ['backslash', '"hu\\sh"', /line 2: .*starts no known escape; write \\\\, or use single quotes$/],
    ['star', '*hush', /line 2: a text that begins with \* is an alias in YAML, and this one names nothing; write the text in quotes$/],
    ['exclamation mark', '!hush x', /line 2: a text that begins with ! is a tag in YAML; write the text in quotes$/],
    ['reserved character', '@hush', /line 2: a text begins with a character that YAML reserves; write the text in quotes$/],
    ['block header', '>hush', /line 2: YAML does not expect what is written here/],
    ['quote', "'x'hush'", /line 2: YAML does not expect what is written here/],
    ['second document', 'x\n---\nhush', /line 3: the file contains a second document \(---\); keep one$/],
  ] as const)
    it(`that is no YAML for a secret with a ${what} does not tell it`, async () => {
      await assert.rejects(
        () => load(write(`a:\n  key: ${written}\n`)),
        ({ message }: Error) => {
          assert.match(message, pattern);
          assert.doesNotMatch(message, /hush|hu\\sh/);
          return true;
        },
      );
    });

  it('holds no lone surrogate, and neither do its trusted documents', async () => {
    const agents = String.raw`[{ id: "1", password: "ann \ud83d", phone: "1", name: "\U0001F600" }]`;
    const file = write(
      `sources: [{ name: cc, vendor: huawei, baseUrl: "https://127.0.0.1:9", maxAgentBlackoutSeconds: 300, events: poll, agents: ${agents} }]\n`,
    );
    const [agent] = ((await load(file)).sources[0]!.settings as unknown as { agents: { password: string; name: string }[] }).agents;
    assert.deepEqual([agent!.password, agent!.name], ['ann \uFFFD', '😀']);
    const manifest = join(folder, 'surrogates.json');
    writeFileSync(manifest, '{"a":"query A { hello(name: \\"\\ud83d\\") }"}');
    assert.deepEqual([...readTrustedDocuments(manifest)], [['a', 'query A { hello(name: "\uFFFD") }']]);
  });

  it('names its trusted documents by a manifest that is there and not empty', () => {
    const manifest = (content: string | null) => {
      const file = join(folder, 'manifest.json');
      rmSync(file, { force: true });
      if (content !== null) writeFileSync(file, content);
      return faultsOf({ server: { trustedDocuments: file }, sources: [hq] }).get('server.trustedDocuments');
    };
    assert.match(manifest(null)!, /manifest\.json: there is no such file/);
    assert.match(manifest('{')!, /not JSON/);
    assert.match(manifest('[]')!, /not a manifest/);
    assert.match(manifest('{}')!, /no operations/);
    const apollo = {
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: 'a', name: 'A', type: 'query', body: 'query A { hello }' }],
    };
    assert.match(manifest(JSON.stringify({ ...apollo, operations: [] }))!, /no operations/);
    assert.equal(manifest(JSON.stringify(apollo)), undefined);
    assert.deepEqual([...readTrustedDocuments(join(folder, 'manifest.json'))], [['a', 'query A { hello }']]);
    assert.equal(manifest('{"a":"query A { hello }"}'), undefined);
    assert.deepEqual([...readTrustedDocuments(join(folder, 'manifest.json'))], [['a', 'query A { hello }']]);
  });

  it('is read as YAML, and found by TAPEGRAPH_CONFIG', async () => {
    const file = write('sources:\n  - { name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:1", timeZone: UTC }\n');
    assert.equal((await load(file)).sources[0]!.settings.name, 'hq');
    assert.equal(findConfiguration({ TAPEGRAPH_CONFIG: file }), file);
    assert.equal(findConfiguration({}), null);
    assert.deepEqual(parse('a: 1'), { a: 1 });
  });
});
