import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { tencent } from '../../../src/vendors/tencent/index.ts';

const full = {
  name: 'desk',
  vendor: 'tencent',
  sdkAppId: 1_400_264_214,
  push: { auth: { type: 'basic', username: 'tccc', password: 'secret' } },
  api: { endpoint: 'https://ccc.tencentcloudapi.com', secretId: 'id', secretKey: 'key' },
  mediaHosts: ['*.myqcloud.com', '*.tencentcos.cn', '*.qcloud.com', '127.0.0.1:9000', 'media.example.com'],
};

test('the documented block is read; a number may come out of the environment as text', () => {
  const settings = tencent.settings.parse({ ...full, sdkAppId: '1400264214' });
  assert.equal(settings.sdkAppId, 1_400_264_214);
  assert.equal(settings.api!.pollSeconds, 5);
  const { api: _api, mediaHosts: _mediaHosts, ...pushOnly } = full;
  assert.deepEqual(tencent.settings.parse(pushOnly).mediaHosts, ['*.myqcloud.com', '*.tencentcos.cn', '*.qcloud.com']);
});

test('every fault is named at once', () => {
  const result = tencent.settings.safeParse({
    ...full,
    sdkAppId: 'x',
    push: { auth: { type: 'basic', username: 'tccc' } },
    api: { endpoint: 'ftp://x', secretId: '' },
    mediaHosts: ['https://x.com/'],
    typo: 1,
  });
  const paths = result.error!.issues.map(({ path, ...issue }) => path.join('.') || (issue as { keys?: string[] }).keys?.join());
  assert.deepEqual(
    paths.sort(),
    ['api.endpoint', 'api.secretId', 'api.secretKey', 'mediaHosts.0', 'push.auth.password', 'sdkAppId', 'typo'].sort(),
  );
});

test('neither pushes nor an API is no source', () => {
  const { api: _api, push: _push, ...neither } = full;
  assert.match(tencent.settings.safeParse(neither).error!.issues[0]!.message, /give push, api or both/);
});

test('what the vendor cannot do, and what is not configured, is absent', async () => {
  const { api: _api, ...pushOnly } = full;
  const pushed = tencent.create(tencent.settings.parse(pushOnly), createVendorContext());
  const both = tencent.create(tencent.settings.parse(full), createVendorContext());
  const { push: _push, ...apiOnly } = full;
  const pulled = tencent.create(tencent.settings.parse(apiOnly), createVendorContext());
  for (const source of [pushed, both, pulled]) {
    assert.equal(source.vendor, 'TENCENT_CCC');
    assert.ok(source.media);
    assert.equal(source.control, undefined);
    assert.equal(source.blackouts, undefined);
  }
  const readers = ['agents', 'recordings', 'observer', 'webhook'] as const;
  assert.deepEqual(
    readers.filter((name) => name in pushed),
    ['webhook'],
  );
  assert.deepEqual(
    readers.filter((name) => name in both),
    readers,
  );
  assert.deepEqual(
    readers.filter((name) => name in pulled),
    ['agents', 'recordings', 'observer'],
  );
  assert.deepEqual(pushed.observes, ['OBSERVE_CALL']);
  assert.deepEqual(both.observes, ['OBSERVE_AGENT', 'OBSERVE_CALL']);
  assert.equal(both.maxStalenessMs, 10_000);
  assert.equal(pushed.maxStalenessMs, 30_000);
  await Promise.all([pushed, both, pulled].map((source) => source.close()));
});
