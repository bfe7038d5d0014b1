/** Every text that comes from outside has a largest length at its edge: a vendor's answers and pushes, credentials, claims. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { readMessage } from '../../src/events/messages.ts';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { createApiKeyAuthentication } from '../../src/http/auth/api-keys.ts';
import { createAuthenticate } from '../../src/http/auth/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { parseJson } from '../../src/vendors/kit/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { startServer } from '../support/graphql-server.ts';
import { createListLog } from '../support/list-log.ts';
import { connectSocket } from '../support/socket-client.ts';

const maxLength = 16_384;
const lengths = (value: unknown): number => {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return Math.max(0, ...value.map(lengths));
  return value === null || typeof value !== 'object'
    ? 0
    : Math.max(0, ...Object.entries(value).flatMap(([name, one]) => [name.length, lengths(one)]));
};

test('no text of a vendor is longer than the limit, wherever it stands, and shorter ones are as they were', () => {
  const long = fc
    .tuple(fc.constantFrom('1', 'é', '😀', 'a b', '\\', '"', '\\"', '\n'), fc.integer({ min: 1, max: 40_000 }))
    .map(([unit, count]) => unit.repeat(Math.ceil(count / unit.length)));
  const document = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      long,
      fc.string(),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.string(), long), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(document, (given) => {
      const read = parseJson(JSON.stringify(given));
      assert.ok(lengths(read) <= maxLength, `${lengths(read)}`);
      if (lengths(given) <= maxLength) assert.deepEqual(read, JSON.parse(JSON.stringify(given)));
    }),
    { numRuns: 100 },
  );
  assert.equal((parseJson(`{"Caller":"${'4'.repeat(30_000)}"}`) as { Caller: string }).Caller, '4'.repeat(maxLength));
});

/** Where JSON is read that comes from outside: these bound its depth by themselves. */
const bounded = [
  'src/http/auth/jwt.ts',
  'src/http/body.ts',
  'src/http/graphql-request.ts',
  'src/http/socket-messages.ts',
  'src/events/messages.ts',
  'src/vendors/kit/json.ts',
];
/** JSON that the server wrote itself, or that was checked before. */
const own = ['src/media/link-token.ts', 'src/vendors/kit/testing/vendor-context.ts'];

test('all JSON from outside is read where its depth is bounded', async () => {
  const readers: string[] = [];
  for (const folder of ['src/http', 'src/media', 'src/events', 'src/vendors', 'src/graphql'])
    for await (const file of glob(`${folder}/**/*.ts`))
      if (/JSON\.parse\(|\.json\(\)/.test(await readFile(file, 'utf8'))) readers.push(file);
  assert.deepEqual(readers.sort(), [...bounded, ...own].sort());
  for (const file of bounded) assert.match(await readFile(file, 'utf8'), /isDeeperThan|jsonExcess|require(Json)?Depth/, file);
  const deep = (levels: number) => `${'{"type":'.repeat(levels)}"news"${'}'.repeat(levels)}`;
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 3000 }), (levels) => {
      assert.equal(readMessage(deep(levels)), null);
      assert.equal(readMessage(Buffer.from(deep(levels))), null);
      if (levels > 64) assert.throws(() => parseJson(deep(levels)), SyntaxError);
    }),
  );
});

test('a credential that is too long is refused before it is looked at', async (t) => {
  let looked = 0;
  const known = createApiKeyAuthentication([]);
  const server = await startServer({
    authenticate: async (credential, peer) => {
      looked += 1;
      return known(credential, peer);
    },
  });
  t.after(server.close);
  const { status, body } = await server.ask({ query: '{ __typename }' }, { authorization: `Bearer ${'k'.repeat(10_000)}` });
  assert.deepEqual([status, looked], [401, 1], JSON.stringify(body));
  const socket = await connectSocket(server.graphql);
  socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${'k'.repeat(100_000)}` } });
  assert.equal((await socket.closed).code, 4401);
  assert.equal(looked, 1);
});

test('claims of a token that are too long, or too many, are refused with their name', async (t) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = createServer(async (_, response) => {
    response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256', use: 'sig' }] }));
  });
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  t.after(() => keys.close());
  const jwt = {
    issuer: 'https://id.example.com/',
    audience: 'tapegraph',
    jwksUrl: `http://127.0.0.1:${(keys.address() as AddressInfo).port}/`,
  };
  const { authenticate } = await createAuthenticate({ mode: 'jwt', jwt }, { clock: systemClock, log: createListLog().log });
  const ask = async (claims: Record<string, unknown>) => {
    const token = new SignJWT({ iss: jwt.issuer, aud: jwt.audience, sub: 'ada', scope: 'agents:read', ...claims });
    const signed = await token.setProtectedHeader({ alg: 'ES256', kid: 'a' }).setExpirationTime('1m').sign(privateKey);
    return authenticate(signed, { loopback: true, foreignPage: false }).then(
      ({ name }) => name.length,
      (error: Error) => error.message,
    );
  };
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (length) => {
      assert.equal(
        await ask({ sub: 'a'.repeat(length) }),
        length <= 256 ? length : 'The token’s subject (sub) is longer than 256 characters; use a shorter one.',
      );
    }),
    { numRuns: 20 },
  );
  assert.equal(await ask({ sources: Array.from({ length: 1000 }, (_, index) => `s${index}`) }), 3);
  for (const sources of [Array.from({ length: 1001 }, (_, index) => `s${index}`), ['s'.repeat(257)], 'hq', [4]])
    assert.match(String(await ask({ sources })), /claim sources of the token is not a list of at most 1000 names/);
});

test('the aliases of a document, which each row of an answer repeats, have 64 characters each on the average of as many as there may be, wherever they stand', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: true });
  const places = [
    (alias: string) => `query { ${alias}: __typename }`,
    (alias: string) => `{ agents { nodes { ${alias}: id } } }`,
    (alias: string) => `{ agents { nodes { ...F } } } fragment F on Agent { ... { ${alias}: id } }`,
    (alias: string) => `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Agent { ${alias}: id } } }`,
    (alias: string) => `subscription { agentChanged { ${alias}: id } }`,
    (alias: string) => `{ __schema { ${alias}: types { name } } }`,
  ];
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(1920, 1921)), (place, length) => {
      const codes = policy.refuseText({ query: place('a'.repeat(length)) }).map(({ extensions }) => extensions.code);
      assert.deepEqual(codes, length <= 1920 ? [] : ['ALIAS_LIMIT']);
    }),
    { numRuns: 200 },
  );
  const many = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => `${`a${index}`.padEnd(length, '_')}: __typename`).join(' ');
  assert.deepEqual(policy.refuseText({ query: `{ ${many(30, 64)} }` }), []);
  assert.equal(policy.refuseText({ query: `{ ${many(29, 67)} }` })[0]!.extensions.code, 'ALIAS_LIMIT');
});

test('the id of an operation, which each of its messages repeats, has 256 characters at most', async (t) => {
  const server = await startServer();
  t.after(server.close);
  const client = await connectSocket(server.graphql);
  await client.init();
  const answerTo = async (length: number) => {
    client.subscribe('x'.repeat(length), 'subscription { ticks { id } }');
    client.send({ type: 'ping' });
    return client.next();
  };
  assert.equal((await answerTo(256)).type, 'pong');
  const refused = (await answerTo(257)) as { type: string; payload?: unknown };
  assert.equal(refused.type, 'error');
  assert.match(JSON.stringify(refused.payload), /longer than 256 characters/);
  client.close();
});
