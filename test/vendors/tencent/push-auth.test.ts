import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tencent } from '../../../src/vendors/tencent/index.ts';
import { acknowledged, post, pushedSource, sample, sdkAppId } from './fixture.ts';

const basic = (name: string, secret: string) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
const withBasic = { push: { auth: { type: 'basic', username: 'tccc', password: 'p:ä ss' } } };
const oauth2 = { push: { auth: { type: 'oauth2', clientId: 'id', clientSecret: 's+cret', tokenSeconds: 600 } } };

test('Basic: the right pair passes, whatever the case of the scheme; anything else is refused and nothing is kept', async (t) => {
  const { source, context } = pushedSource(t, { settings: withBasic });
  for (const authorization of [basic('tccc', 'p:ä ss'), basic('tccc', 'p:ä ss').replace('Basic', 'basic')]) {
    assert.equal((await post(source, sample('cdr'), { action: 'cdr', headers: { authorization } })).body, acknowledged);
  }
  const before = context.batches.length;
  for (const authorization of [undefined, '', 'Basic', 'Basic !!', basic('tccc', 'p'), basic('tcc', 'p:ä ss'), basic('', ''), 'Bearer x']) {
    const answer = await post(source, 'no json', { action: 'record', headers: authorization === undefined ? {} : { authorization } });
    assert.equal(answer.status, 401);
    assert.notEqual((JSON.parse(answer.body) as { ErrCode: unknown }).ErrCode, 0);
    assert.match(answer.headers!['www-authenticate']!, /^Basic/);
  }
  assert.equal((await post(source, '{}', { action: 'specifiedSeat' })).status, 401);
  assert.equal(context.batches.length, before);
  assert.equal(context.deadLetters.length, 0);
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const askToken = async (source: Parameters<typeof post>[0], body: string, headers: Record<string, string> = {}) => {
  const answer = await post(source, body, { path: '/oauth2/token', headers: { ...form, ...headers } });
  return { ...answer, json: JSON.parse(answer.body) as Record<string, unknown> };
};

test('OAuth2: the token endpoint takes the pair in the header and in the body, and the token opens the hook until it runs out', async (t) => {
  const { source, clock } = pushedSource(t, { settings: oauth2 });
  const ways: [string, Record<string, string>][] = [
    ['grant_type=client_credentials', { authorization: basic('id', 's+cret') }],
    ['grant_type=client_credentials', { authorization: basic('id', 's%2Bcret') }],
    ['grant_type=client_credentials&client_id=id&client_secret=s%2Bcret', {}],
    ['{"grant_type":"client_credentials","client_id":"id","client_secret":"s+cret"}', { 'content-type': 'application/json' }],
  ];
  for (const [body, headers] of ways) {
    const { status, json, headers: answered } = await askToken(source, body, headers);
    assert.equal(status, 200);
    assert.equal(json.token_type, 'Bearer');
    assert.equal(json.expires_in, 600);
    assert.equal(answered!['cache-control'], 'no-store');
    const authorization = `Bearer ${json.access_token}`;
    assert.equal((await post(source, sample('cdr'), { action: 'cdr', headers: { authorization } })).body, acknowledged);
  }
  const { json } = await askToken(source, ways[0]![0], ways[0]![1]);
  await clock.advance(600_001);
  const late = await post(source, sample('cdr'), { action: 'cdr', headers: { authorization: `Bearer ${json.access_token}` } });
  assert.equal(late.status, 401);
  assert.match(late.headers!['www-authenticate']!, /invalid_token/);
});

test('a token of one server is good at another, and after a restart; one of another source or secret is not', async (t) => {
  const first = pushedSource(t, { settings: oauth2 });
  const { json } = await askToken(first.source, 'grant_type=client_credentials', { authorization: basic('id', 's+cret') });
  const headers = { authorization: `Bearer ${json.access_token}` };
  assert.equal((await post(pushedSource(t, { settings: oauth2 }).source, sample('cdr'), { action: 'cdr', headers })).status, 200);
  assert.equal(
    (await post(pushedSource(t, { settings: { ...oauth2, name: 'other' } }).source, '{}', { action: 'cdr', headers })).status,
    401,
  );
  const changed = { push: { auth: { ...oauth2.push.auth, clientSecret: 'new' } } };
  assert.equal((await post(pushedSource(t, { settings: changed }).source, '{}', { action: 'cdr', headers })).status, 401);
});

test('OAuth2: what is wrong is withoutNulls in the words of the standard', async (t) => {
  const { source } = pushedSource(t, { settings: oauth2 });
  const wrong = await askToken(source, 'grant_type=client_credentials', { authorization: basic('id', 'x') });
  assert.deepEqual([wrong.status, wrong.json], [401, { error: 'invalid_client' }]);
  const nobody = await askToken(source, 'grant_type=client_credentials');
  assert.deepEqual([nobody.status, nobody.json.error], [401, 'invalid_client']);
  const grant = await askToken(source, 'grant_type=password', { authorization: basic('id', 's+cret') });
  assert.deepEqual([grant.status, grant.json], [400, { error: 'unsupported_grant_type' }]);
  const none = await askToken(source, '', { authorization: basic('id', 's+cret') });
  assert.deepEqual([none.status, none.json.error], [400, 'invalid_request']);
  assert.equal((await post(source, '', { path: '/oauth2/token', method: 'GET' })).status, 405);
  for (const token of ['', 'x', '9999999999999.', `9999999999999.${'A'.repeat(43)}`, 'NaN.NaN']) {
    assert.equal((await post(source, '{}', { action: 'cdr', headers: { authorization: `Bearer ${token}` } })).status, 401);
  }
});

test('a push without credentials is taken on loopback, or where that is said in so many words', () => {
  const block = { name: 'desk', vendor: 'tencent', sdkAppId, push: { auth: { type: 'none' } } };
  const fault = (settings: object, loopbackOnly = false) => tencent.fault!(tencent.settings.parse(settings), { loopbackOnly });
  assert.match(fault(block)!, /allowAnonymousPush: true/);
  assert.equal(fault({ ...block, allowAnonymousPush: true }), null);
  assert.equal(fault({ ...block, ...withBasic }), null);
  assert.equal(fault(block, true), null);
});
