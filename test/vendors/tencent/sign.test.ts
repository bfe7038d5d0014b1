import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tc3Authorization } from '../../../src/vendors/tencent/sign.ts';

/** The key pair of the vendor's own worked example of signature version 3. */
const example = { secretId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE', secretKey: 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE' };

test("the vendor's worked example comes out as the vendor prints it", () => {
  const authorization = tc3Authorization({
    ...example,
    service: 'cvm',
    host: 'cvm.tencentcloudapi.com',
    contentType: 'application/json; charset=utf-8',
    body: '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
    epochSeconds: 1_551_113_065,
  });
  assert.equal(
    authorization,
    'TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, ' +
      'Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
  );
});

test('a contact center request comes out as another implementation computes it', () => {
  const authorization = tc3Authorization({
    ...example,
    service: 'ccc',
    host: 'ccc.tencentcloudapi.com',
    contentType: 'application/json',
    body: '{"SdkAppId":1400264214,"PageSize":100,"PageNumber":0}',
    epochSeconds: 1_608_130_650,
  });
  assert.match(
    authorization,
    /Credential=\w+\/2020-12-16\/ccc\/tc3_request, .*Signature=87005f76ece64f78ac6ccf6a3460b93275af1b1141656d7728c752bff69210e7$/,
  );
});
