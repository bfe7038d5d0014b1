import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createApiKeyAuthentication } from '../../src/http/auth/api-keys.ts';
import { credentialOf } from '../../src/http/auth/authenticate.ts';
import { createAuthenticate } from '../../src/http/auth/index.ts';
import { createNoAuthentication } from '../../src/http/auth/none.ts';
import { HttpError } from '../../src/http/http-error.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog, startServer } from '../support/graphql-server.ts';
import { sha256 } from '../support/sha256.ts';
import { until } from '../support/socket-client.ts';

const here = { loopback: true, foreignPage: false };
const refusedWith = (status: number, message?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof HttpError, String(error));
  assert.equal(error.status, status);
  if (message) assert.match(error.message, message);
  return true;
};

test('a credential comes as Bearer, in any case, or bare', () => {
  assert.equal(credentialOf('Bearer abc'), 'abc');
  assert.equal(credentialOf('bearer   abc '), 'abc');
  assert.equal(credentialOf('abc'), 'abc');
  for (const nothing of [undefined, null, '', '  ', 'Bearer', 'Bearer ', 7, {}, ['abc']]) assert.equal(credentialOf(nothing), null);
});

describe('without authentication', () => {
  test('callers on this machine may do everything, others nothing', async () => {
    const authenticate = createNoAuthentication();
    const principal = await authenticate(null, here);
    assert.deepEqual([principal.name, principal.scopes.size, principal.sources, principal.expiresAtMs], ['anonymous', 9, null, null]);
    await assert.rejects(authenticate(null, { loopback: false, foreignPage: false }), refusedWith(403));
  });

  test('a forwarded request and one for another name are not from this machine', async () => {
    const server = await startServer();
    const ask = (headers: Record<string, string>) => server.ask({ query: '{ hello }' }, headers);
    assert.equal((await ask({})).status, 200);
    assert.equal((await ask({ 'x-forwarded-for': '203.0.113.9' })).status, 403);
    assert.equal((await ask({ forwarded: 'for=203.0.113.9' })).status, 403);
    const { request } = await import('node:http');
    const byName = (host: string) =>
      new Promise<number | undefined>((resolve) => {
        const headers = { host, 'content-type': 'application/json' };
        request(server.graphql, { method: 'POST', headers }, (response) => resolve(response.resume().statusCode)).end(
          '{"query":"{hello}"}',
        );
      });
    assert.equal(await byName('rebound.example.com'), 403);
    assert.equal(await byName('localhost:4000'), 200);
    assert.equal(await byName('[::1]:4000'), 200);
    await server.close();
  });
});

describe('API keys', () => {
  const wall = { name: 'wall', keySha256: sha256('key-one').toUpperCase(), scopes: ['agents:read'] as const, sources: ['hq'] };

  test('are known by their hash, with scopes and sources', async () => {
    const authenticate = createApiKeyAuthentication([wall, { name: 'all', keySha256: sha256('key-two'), scopes: [] }]);
    const principal = await authenticate('key-one', here);
    assert.deepEqual([principal.name, [...principal.scopes], [...principal.sources!]], ['wall', ['agents:read'], ['hq']]);
    assert.equal((await authenticate('key-two', here)).sources, null);
    for (const wrong of [null, 'key-three', wall.keySha256, sha256('key-one')])
      await assert.rejects(authenticate(wrong, here), refusedWith(401));
  });

  test('are replaced without a restart; what did not change stays valid', async () => {
    const authenticate = createApiKeyAuthentication([wall]);
    const before = await authenticate('key-one', here);
    authenticate.replaceKeys([{ ...wall }, { name: 'new', keySha256: sha256('key-two'), scopes: [] }]);
    assert.equal(await authenticate('key-one', here), before);
    assert.equal(authenticate.stillValid!(before), true);
    assert.equal((await authenticate('key-two', here)).name, 'new');
    authenticate.replaceKeys([{ ...wall, scopes: [] }]);
    assert.equal(authenticate.stillValid!(before), false);
    await assert.rejects(authenticate('key-two', here), refusedWith(401));
  });

  test('a hash that is no hash lets nobody in', async () => {
    for (const keySha256 of ['', 'zz', 'ab', sha256('x').slice(2)]) {
      await assert.rejects(createApiKeyAuthentication([{ ...wall, keySha256 }])('x', here), refusedWith(401));
    }
  });

  test('a refusal says how to authenticate, and guessing is slowed', async () => {
    const server = await startServer({ authenticate: createApiKeyAuthentication([wall]), clock: createManualClock() });
    const { status, headers, body } = await server.ask({ query: '{ hello }' });
    assert.deepEqual([status, headers.get('www-authenticate'), body.errors?.[0]?.extensions.code], [401, 'Bearer', 'UNAUTHENTICATED']);
    const guess = () => server.ask({ query: '{ hello }' }, { authorization: 'Bearer guess', 'x-forwarded-for': '203.0.113.9' });
    const statuses = [];
    for (let n = 0; n < 25; n += 1) statuses.push((await guess()).status);
    assert.deepEqual([statuses.filter((each) => each === 401).length, statuses.at(-1)], [20, 429]);
    assert.equal((await server.ask({ query: '{ hello }' }, { authorization: 'Bearer key-one' })).status, 200);
    await server.close();
  });
});

describe('JWT', () => {
  const clock = createManualClock(Date.now());
  const log = createListLog();
  let signingKey: CryptoKey;
  let otherKey: CryptoKey;
  let jwksUrl: string;
  let fetched = 0;
  let published: string;
  /** Replaces the issuer's answer to a request for its keys. */
  let broken: false | { status: number; body: string } | 'reset' | 'endless' = false;
  const answers500 = { status: 500, body: '' };
  const issuer = createServer();
  before(async () => {
    const pair = await generateKeyPair('ES256');
    signingKey = pair.privateKey;
    otherKey = (await generateKeyPair('ES256')).privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    published = JSON.stringify({ keys: [jwk] });
    issuer.on('request', (request, response) => {
      fetched += 1;
      if (broken === 'reset') return request.socket.destroy();
      if (broken === 'endless') return response.write('{"keys":[');
      const { status, body } = broken || { status: 200, body: published };
      // A connection that is kept may be closed by its own age in the moment of the next request.
      const headers = { 'content-type': 'application/json', location: '/elsewhere', connection: 'close' };
      response.writeHead(status, headers).end(body);
    });
    issuer.listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json`;
  });
  after(() => issuer.close());

  const create = async (more: object = {}) => {
    const settings = { mode: 'jwt', jwt: { issuer: 'https://id.example.com/', audience: 'tapegraph', jwksUrl, ...more } } as const;
    return (await createAuthenticate(settings, { clock, log })).authenticate;
  };
  const token = (claims: Record<string, unknown> = {}, key = signingKey, alg = 'ES256') =>
    new SignJWT({
      iss: 'https://id.example.com/',
      aud: 'tapegraph',
      sub: 'ada',
      exp: Math.floor(clock.now() / 1000) + 60,
      scope: 'agents:read pii:read email',
      ...claims,
    })
      .setProtectedHeader({ alg, kid: 'one' })
      .sign(key);

  test('reads subject, scopes, sources and expiry; fetches the keys once', async () => {
    const authenticate = await create();
    const all = await authenticate(await token(), here);
    assert.deepEqual([all.name, [...all.scopes], all.sources], ['ada', ['agents:read', 'pii:read'], null]);
    assert.equal(all.expiresAtMs, (Math.floor(clock.now() / 1000) + 60) * 1000);
    const some = await authenticate(await token({ sources: ['hq', 'desk'] }), here);
    assert.deepEqual([...some.sources!], ['hq', 'desk']);
    assert.equal((await authenticate(await token({ scope: undefined }), here)).scopes.size, 0);
    assert.equal(fetched, 1);
  });

  test('refuses what does not fit, in words that hold no token', async () => {
    const authenticate = await create();
    const nowSeconds = Math.floor(clock.now() / 1000);
    const cases: [string | null, RegExp][] = [
      [null, /Send a token/],
      ['nonsense', /not a valid JWT/],
      ['a.b.c', /not a valid JWT/],
      [await token({}, otherKey), /not a valid JWT/],
      [await token({ exp: nowSeconds - 10 }), /has expired/],
      [await token({ nbf: nowSeconds + 100 }), /claim nbf/],
      [await token({ iss: 'https://evil.example.com/' }), /claim iss/],
      [await token({ aud: 'other' }), /claim aud/],
      [await token({ sub: undefined }), /no subject/],
      [await token({ exp: undefined }), /no expiry/],
      [await token({ sources: 'hq' }), /not a list/],
      [`${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"ada"}').toString('base64url')}.`, /not a valid JWT/],
      [await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(new Uint8Array(32)), /not a valid JWT/],
    ];
    for (const [credential, message] of cases) await assert.rejects(authenticate(credential, here), refusedWith(401, message));
  });

  test('forgives clocks that are a few seconds apart', async () => {
    const exp = Math.floor(clock.now() / 1000) - 2;
    const principal = await (await create())(await token({ exp }), here);
    assert.equal(principal.expiresAtMs, exp * 1000, 'a stream ends at exp');
  });

  test('scopes come from scope, scp and permissions, as text or list, or from the claim that is named', async () => {
    const scopesOf = async (claims: Record<string, unknown>, more = {}) => {
      const { scopes } = await (await create(more))(await token({ scope: undefined, ...claims }), here);
      return [...scopes].sort();
    };
    const both = ['agents:read', 'pii:read'];
    for (const claim of ['scope', 'scp', 'permissions']) {
      assert.deepEqual(await scopesOf({ [claim]: 'agents:read pii:read other' }), both);
      assert.deepEqual(await scopesOf({ [claim]: ['pii:read', 7, 'agents:read'] }), both);
    }
    assert.deepEqual(await scopesOf({ scope: 'openid', permissions: both }), both);
    const named = { scopeClaim: 'https://example.com/roles' };
    assert.deepEqual(await scopesOf({ 'https://example.com/roles': both, scope: 'audit:read' }, named), both);
    assert.deepEqual(await scopesOf({ scope: 'audit:read' }, named), []);
    assert.deepEqual(await scopesOf({ scope: { 'agents:read': true } }), []);
  });

  test('a subject that is called as the server is acts under another name', async () => {
    const authenticate = await create();
    const nameOf = async (sub: string) => (await authenticate(await token({ sub }), here)).name;
    assert.deepEqual(
      [await nameOf('tapegraph'), await nameOf('vendor'), await nameOf('caller:vendor'), await nameOf('ada')],
      ['caller:tapegraph', 'caller:vendor', 'caller:caller:vendor', 'ada'],
    );
    const keys = createApiKeyAuthentication([{ name: 'tapegraph', keySha256: sha256('k'), scopes: [] }]);
    assert.equal((await keys('k', here)).name, 'caller:tapegraph');
  });

  test('keys that were fetched stay good while the issuer is away, as long as the configuration says', async () => {
    const authenticate = await create({ staleKeysSeconds: 3600 });
    assert.equal((await authenticate(await token(), here)).name, 'ada');
    broken = answers500;
    await clock.advance(59 * 60_000);
    const before = fetched;
    for (let n = 0; n < 20; n += 1) assert.equal((await authenticate(await token(), here)).name, 'ada');
    assert.ok(fetched - before <= 2, `fetched ${fetched - before} times`);
    await clock.advance(2 * 60_000);
    await assert.rejects(authenticate(await token(), here), refusedWith(503));
    broken = false;
    await clock.advance(2000);
    assert.equal((await authenticate(await token(), here)).name, 'ada');
  });

  test('keys that were fetched stay good whatever the issuer answers that holds no keys', async () => {
    const authenticate = await create();
    assert.equal((await authenticate(await token(), here)).name, 'ada');
    const bodies = ['', '<html>sign in</html>', '{"keys":[', '{}', '[]', 'null', '7', '{"keys":[]}', '{"keys":null}', '{"keys":[1]}'];
    const answers = [...bodies.map((body) => ({ status: 200, body })), ...[302, 401, 404, 503].map((status) => ({ status, body: '{}' }))];
    const strange = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'ES256', kid: 'unknown' }).sign(otherKey);
    for (const answer of [...answers, 'reset'] as const) {
      broken = answer;
      await clock.advance(2000);
      // A key that is not known has the keys fetched, and so has their age.
      await assert.rejects(authenticate(strange, here), refusedWith(503), JSON.stringify(answer));
      await clock.advance(11 * 60_000);
      for (let n = 0; n < 3; n += 1) assert.equal((await authenticate(await token(), here)).name, 'ada', JSON.stringify(answer));
    }
    broken = false;
  });

  const failureOf = async (authenticate: Awaited<ReturnType<typeof create>>): Promise<string> => {
    log.lines.length = 0;
    await assert.rejects(authenticate(await token(), here), refusedWith(503, /^The keys of the token issuer cannot be fetched now/));
    return String(log.lines.find(({ fields }) => fields?.error)?.fields?.error);
  };

  test('no more is read of what the issuer answers than a set of keys may hold, and the log says so', async () => {
    const many = (count: number) => JSON.stringify({ keys: Array.from({ length: count }, () => ({ kty: 'EC', crv: 'P-256' })) });
    const faults: [string, RegExp][] = [
      [`{"keys":[{"kty":"RSA","n":"${'A'.repeat(300_000)}"}]}`, /more than 262144 bytes$/],
      [published.padEnd(262_145), /more than 262144 bytes$/],
      [many(4000), /more than 10000 values$/],
      [`{"keys":[${'['.repeat(20_000)}`, /more than 8 levels$/],
    ];
    for (const [body, words] of faults) {
      broken = { status: 200, body };
      assert.match(await failureOf(await create()), words);
    }
    broken = { status: 200, body: published.padEnd(262_144) };
    assert.equal((await (await create())(await token(), here)).name, 'ada');
    broken = false;
  });

  test('an issuer that begins to answer and does not end is waited for five seconds', async () => {
    const authenticate = await create();
    broken = 'endless';
    const asked = once(issuer, 'request');
    const failed = failureOf(authenticate);
    const [request] = await asked;
    const left = once(request.socket, 'close');
    await clock.advance(5000);
    assert.match(await failed, /the request for the issuer’s keys was not answered within 5 s/);
    await left;
    broken = false;
    await clock.advance(2000);
    assert.equal((await authenticate(await token(), here)).name, 'ada');
  });

  test('a token that never ends says so in a time that can be written', async () => {
    const authenticate = await create();
    for (const exp of [253_402_300_800, 9e15, 1e308]) {
      const { expiresAtMs } = await authenticate(await token({ exp }), here);
      assert.equal(new Date(expiresAtMs!).toISOString(), '9999-12-31T23:59:59.999Z');
    }
  });

  test('keys that nobody knows are requested at a bounded rate', async () => {
    const authenticate = await create();
    await authenticate(await token(), here);
    const before = fetched;
    const strange = (kid: string) => new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'ES256', kid }).sign(otherKey);
    for (let n = 0; n < 50; n += 1) await assert.rejects(authenticate(await strange(`kid-${n}`), here), refusedWith(401));
    assert.ok(fetched - before <= 2, `fetched ${fetched - before} times`);
  });

  test('a lone surrogate is U+FFFD in a claim, and refused in the subject, which tells callers apart', async () => {
    const authenticate = await create();
    const principal = await authenticate(await token({ sources: ['hq', 'a\ude00'] }), here);
    assert.deepEqual([...principal.sources!], ['hq', 'a\uFFFD']);
    await assert.rejects(authenticate(await token({ sub: 'ada \ud83d' }), here), refusedWith(401, /well-formed/));
  });

  test('a clock that was an hour ahead and is set right makes no fresh token expired, and no keys too old or too young', async () => {
    const wallClock = createManualClock(Date.now());
    wallClock.set(3_600_000);
    const jwt = { issuer: 'https://id.example.com/', audience: 'tapegraph', jwksUrl };
    const { authenticate } = await createAuthenticate({ mode: 'jwt', jwt }, { clock: wallClock, log });
    const endingIn = (seconds: number) => token({ exp: Math.floor(wallClock.now() / 1000) + seconds });
    await authenticate(await endingIn(60), here);
    wallClock.set(-3_600_000);
    const principal = await authenticate(await endingIn(60), here);
    assert.equal(principal.expiresAtMs, (Math.floor(wallClock.now() / 1000) + 60) * 1000);
    await assert.rejects(authenticate(await endingIn(-60), here), refusedWith(401, /has expired/));
    const before = fetched;
    await wallClock.advance(20 * 60_000);
    await authenticate(await endingIn(60), here);
    await until(() => fetched > before, 'the keys are fetched, for they are as old as they are, whatever the clock was set to');
    assert.equal(fetched, before + 1);
  });

  test('an issuer that fails is its fault, not the token\u2019s', async () => {
    broken = answers500;
    await assert.rejects((await create())(await token(), here), refusedWith(503));
    broken = false;
  });
});
