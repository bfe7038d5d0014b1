import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfiguration } from '../../src/config/load.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { testFolder } from '../support/test-folder.ts';

const folder = testFolder();
const file = join(folder, 'tapegraph.yaml');

const load = (text: string, environment: Record<string, string> = {}) => {
  writeFileSync(file, text);
  return loadConfiguration(file, vendorModules, environment);
};
const recorder = '{ name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:9", timeZone: UTC';
const sources = `sources: [${recorder} }]\n`;

describe('a text', () => {
  for (const written of ['0040038', '+4570102030', '0x1F4', '1e5', '00123', '40038', '1_000', 'True', '1.50'])
    it(`written ${written} arrives as it is written`, async () => {
      const { sources: read } = await load(
        `sources:\n  - { name: cc, vendor: huawei, baseUrl: "https://127.0.0.1:9", maxAgentBlackoutSeconds: 300, events: poll, agents: [{ id: "1", password: x, phone: ${written} }] }\n`,
      );
      const { agents } = read[0]!.settings as unknown as { agents: { phone: string }[] };
      assert.equal(agents[0]!.phone, written);
    });
});

describe('the environment', () => {
  it('is read as what it is to be: numbers, booleans, lists and texts', async () => {
    const { server, sources: read } = await load(
      `server: { port: "\${PORT}", playground: "\${FLAG}", corsOrigins: "\${ORIGINS}", name: "\${NAME}" }\nsources: [${recorder}, pollSeconds: "\${POLL}" }]\n`,
      { PORT: '4321', FLAG: 'false', ORIGINS: 'https://a.example, https://b.example', NAME: '007', POLL: '2.5' },
    );
    assert.deepEqual(
      [server.port, server.playground, server.corsOrigins, server.name, (read[0]!.settings as { pollSeconds?: number }).pollSeconds],
      [4321, false, ['https://a.example', 'https://b.example'], '007', 2.5],
    );
  });

  it('and the file may write booleans in other letters', async () => {
    assert.equal((await load(`server: { playground: "\${FLAG}" }\n${sources}`, { FLAG: 'TRUE' })).server.playground, true);
    assert.equal((await load(`server: { playground: False }\n${sources}`)).server.playground, false);
    await assert.rejects(() => load(`server: { playground: "constructor" }\n${sources}`), /playground: must be true or false, and is text/);
  });

  it('is an empty list where it is empty', async () => {
    assert.deepEqual((await load(`server: { corsOrigins: "\${ORIGINS}" }\n${sources}`, { ORIGINS: '' })).server.corsOrigins, []);
  });

  it('that is no number is reported where one is wanted', async () => {
    await assert.rejects(
      () => load(`server: { port: "\${PORT}" }\n${sources}`, { PORT: 'four thousand' }),
      /server\.port: must be a number, and is text/,
    );
  });
});

describe('faults', () => {
  for (const [what, text, message] of [
    ['an empty file', '', /the file is empty/],
    ['a file of comments', '# nothing yet\n', /the file is empty/],
    [
      'a scope misspelled',
      `auth: { mode: apiKeys, apiKeys: [{ name: a, keySha256: "${'0'.repeat(64)}", scopes: [agent:read] }] }\n${sources}`,
      /unknown scope agent:read; did you mean agents:read\?/,
    ],
    ['a password with #', `store: { url: "postgres://me:pa#ss@db/x" }\n${sources}`, /store\.url: .*percent-encoding/],
    ['a password with /', `store: { url: "postgres://me:12/ss@db/x" }\n${sources}`, /store\.url: .*percent-encoding/],
    ['a password with ?', `bus: { url: "amqp://me:12?ss@broker" }\n${sources}`, /bus\.url: .*percent-encoding/],
  ] as const)
    it(`${what}`, async () => {
      await assert.rejects(
        () => load(text),
        (error: Error) => {
          assert.match(error.message, message);
          assert.ok(!/pa#ss|12\/ss|12\?ss/.test(error.message), 'no secret is reported');
          return true;
        },
      );
    });
});
