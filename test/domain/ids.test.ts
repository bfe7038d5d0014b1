import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { keyId, nodeId, parseKeyId, parseNodeId, requireKeyId } from '../../src/domain/model/ids.ts';

it('an id is base64url of its parts, and comes back as it went, colons and all', () => {
  assert.equal(keyId('Agent', { source: 'hq', externalId: '2' }), Buffer.from('Agent:hq:2').toString('base64url'));
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/), fc.string({ minLength: 1, unit: 'grapheme' }), (source, externalId) => {
      const id = keyId('Call', { source, externalId });
      assert.match(id, /^[\w-]+$/);
      assert.deepEqual(parseKeyId('Call', id), { source, externalId });
      assert.equal(parseKeyId('Agent', id), null);
    }),
  );
  assert.deepEqual(parseNodeId(nodeId('RecordingSource', 'hq')), { type: 'RecordingSource', rest: 'hq' });
});

it('what was never given out is no id, whatever it is', () => {
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  for (const wrong of [
    '',
    'x',
    '%%%',
    '====',
    encode('Agent'),
    encode(':hq:2'),
    encode('Robot:hq:2'),
    Buffer.from([0xff, 0xfe, 0x3a]).toString('base64url'),
  ]) {
    assert.equal(parseNodeId(wrong), null, wrong);
  }
  for (const wrong of ['Agent:hq', 'Agent:hq:', 'Agent::2', 'RecordingSource:hq:2'])
    assert.equal(parseKeyId('Agent', encode(wrong)), null, wrong);
  assert.throws(() => requireKeyId('Agent', 'x', 'ref.id'), { code: 'INVALID_INPUT', message: /ref\.id is not the id of an Agent/ });
  assert.throws(() => requireKeyId('Call', 'x', 'id'), { message: /id is not the id of a Call/ });
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseNodeId(text)));
});
