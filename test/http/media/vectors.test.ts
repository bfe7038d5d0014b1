import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alawSamples, ulawSamples } from '../../../src/media/g711.ts';
import { decodeByTable, decodeVox, silenceVox } from '../../../src/media/samples.ts';
import { raw, referencePcm, sox } from './sox.ts';

const pcm = (bytes: Uint8Array): Int16Array => new Int16Array(Uint8Array.from(bytes).buffer);
const allBytes = Uint8Array.from({ length: 256 }, (_, code) => code);

describe('decoders give the samples that sox gives', () => {
  for (const [name, table, type] of [
    ['A-law', alawSamples, 'al'],
    ['µ-law', ulawSamples, 'ul'],
  ] as const) {
    test(`every code of ${name}`, () => {
      const expected = sox(`-t ${type} -r 8000 -c 1 - ${raw(8000)} -`, allBytes);
      assert.deepEqual([...pcm(decodeByTable(table, 1, [])(allBytes))], [...pcm(expected)]);
    });
  }

  for (const rate of [6000, 8000]) {
    test(`Dialogic VOX at ${rate} Hz, in chunks of any size`, () => {
      const vox = sox(`${raw(rate)} - -t vox -r ${rate} -`, referencePcm(rate));
      const expected = pcm(sox(`-t vox -r ${rate} - ${raw(rate)} -`, vox));
      const decode = decodeVox([]);
      const parts: Uint8Array[] = [];
      for (let at = 0, size = 1; at < vox.length; at += size, size = (size * 7) % 1021) parts.push(decode(vox.subarray(at, at + size)));
      const decoded = pcm(Buffer.concat(parts));
      assert.equal(decoded.length, vox.length * 2);
      assert.deepEqual(decoded, expected.subarray(0, decoded.length));
    });
  }

  test('VOX that runs against both ends of the scale', () => {
    const wild = Uint8Array.from({ length: 4000 }, (_, index) => (index % 60 < 30 ? 0x77 : 0xff));
    const expected = pcm(sox(`-t vox -r 8000 - ${raw(8000)} -`, wild));
    const decoded = pcm(decodeVox([])(wild));
    let largest = 0;
    for (const [index, sample] of decoded.entries()) largest = Math.max(largest, Math.abs(sample - expected[index]!));
    assert.equal(largest, 0);
  });
});

test('silence in VOX decodes to silence, and what follows is what was there', () => {
  const rate = 8000;
  const vox = sox(`${raw(rate)} - -t vox -r ${rate} -`, referencePcm(rate));
  const from = 9001;
  const to = 20_003;
  const written = silenceVox([{ from, to }])(vox);
  const before = pcm(sox(`-t vox -r ${rate} - ${raw(rate)} -`, vox));
  const after = pcm(sox(`-t vox -r ${rate} - ${raw(rate)} -`, written));
  assert.equal(written.length, vox.length);
  assert.deepEqual(after.subarray(0, from), before.subarray(0, from));
  // From the loudest sample, 24 steps bring the decoder to zero; two of 2048 is as still as its smallest step can be.
  for (let index = from + 64; index < to; index += 1) assert.ok(Math.abs(after[index]!) <= 4 * 16, `${index}: ${after[index]}`);
  let worst = 0;
  for (let index = to + 64; index < after.length; index += 1) worst = Math.max(worst, Math.abs(after[index]! - before[index]!));
  assert.ok(worst < 0.06 * 32_768, `off by ${worst}, which is more than a step of loud audio`);
  assert.deepEqual(after.subarray(30_000), before.subarray(30_000));
});
