/** The JSON Schema that editors use says what the server says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { z } from 'zod';
import { readConfiguration } from '../../src/config/load.ts';
import { configurationJsonSchema } from '../../src/config/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';

const sample = {
  server: { host: '127.0.0.1', port: 4000, publicUrl: 'http://127.0.0.1:4000', playground: true, introspection: true },
  limits: { depth: 12, aliases: 30, cost: 5000, bodyBytes: 262_144, pageSize: 100 },
  auth: {
    mode: 'apiKeys',
    apiKeys: [{ name: 'wallboard', keySha256: '0'.repeat(64), scopes: ['agents:read', 'recordings:read'], sources: ['hq'] }],
    jwt: { issuer: 'https://id.example.com/', audience: 'tapegraph', jwksUrl: 'https://id.example.com/jwks.json' },
  },
  store: { url: 'sqlite:./data/tapegraph.db' },
  bus: { url: 'memory:' },
  media: { linkSeconds: 300, signingKey: 'a key of at least sixteen letters' },
  sources: [
    {
      name: 'hq',
      vendor: 'uptivity',
      baseUrl: 'http://127.0.0.1:9301',
      auth: { type: 'basic', username: 'api', password: 'x' },
      timeZone: 'America/New_York',
      dateOrder: 'MDY',
      pollSeconds: 2,
      maxAgentBlackoutSeconds: 300,
      circuit: { failures: 3, resetSeconds: 5 },
    },
    {
      name: 'mumbai',
      vendor: 'huawei',
      baseUrl: 'https://ccgw.example.com:8043',
      events: 'poll',
      maxAgentBlackoutSeconds: 300,
      agents: [{ id: '291', password: 'x', phone: '40038' }],
    },
    {
      name: 'desk',
      vendor: 'tencent',
      sdkAppId: 1400264214,
      push: { auth: { type: 'basic', username: 'tccc', password: 'x' } },
      api: { endpoint: 'https://ccc.tencentcloudapi.com', secretId: 'x', secretKey: 'x' },
      mediaHosts: ['*.myqcloud.com', '*.tencentcos.cn', '*.qcloud.com'],
    },
    {
      name: 'greenbox',
      vendor: 'miralix',
      baseUrl: 'http://192.168.1.10',
      account: 'greenbox',
      sharedSecret: 'x',
      version: '6.5',
      pollSeconds: 30,
    },
  ],
};

const schema = configurationJsonSchema(vendorModules);
const fits = (document: unknown): boolean => z.fromJSONSchema(schema as never).safeParse(document).success;

it('takes the sample that the server takes', () => {
  assert.equal(readConfiguration(sample, { modules: vendorModules, environment: {}, where: 'the sample' }).sources.length, 4);
  assert.ok(fits(sample));
  assert.ok(fits({ sources: [sample.sources[0]] }));
});

it('refuses what the server refuses', () => {
  const [first] = sample.sources;
  for (const wrong of [
    {},
    { sources: [] },
    { ...sample, colour: 'red' },
    { ...sample, server: { port: 'four' } },
    { ...sample, auth: { mode: 'magic' } },
    { ...sample, sources: [{ ...first, vendor: 'cisco' }] },
    { ...sample, sources: [{ ...first, baseUrl: undefined }] },
    { ...sample, sources: [{ ...first, dateOrder: 'YMD' }] },
  ]) {
    const plain = JSON.parse(JSON.stringify(wrong));
    assert.ok(!fits(plain), JSON.stringify(wrong).slice(0, 120));
    assert.throws(() => readConfiguration(plain, { modules: vendorModules, environment: {}, where: 'the sample' }));
  }
});

it('is emitted as it stands in schema/', () => {
  const emitted = JSON.parse(readFileSync(new URL('../../schema/config.schema.json', import.meta.url), 'utf8'));
  assert.deepEqual(emitted, JSON.parse(JSON.stringify(schema)));
});
