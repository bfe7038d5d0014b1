import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alawSamples, ulawSamples } from '../../../src/http/media/g711.ts';
import { silenceMp3 } from '../../../src/http/media/mp3.ts';
import { decodeByTable, decodeVox, silenceVox } from '../../../src/http/media/samples.ts';
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

async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const gathered = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe('silence in MP3', () => {
  for (const [name, rate, channels, rateOption] of [
    ['MPEG-2 at a constant rate', 16_000, 1, '-C 32.2'],
    ['MPEG-1 in stereo', 44_100, 2, '-C 128.2'],
    ['MPEG-1 at a variable rate', 44_100, 1, '-C -4.2'],
    ['MPEG-2.5 at the least rate', 8_000, 1, '-C 8.2'],
  ] as const) {
    test(name, async () => {
      const mp3 = sox(`-R -n -r ${rate} -c ${channels} -t mp3 ${rateOption} - synth 6 pinknoise synth 6 sine mix 300-1500 gain -3`);
      const silenced = await gathered(silenceMp3(inPieces(mp3, 1000), [{ fromMs: 2000, toMs: 3500 }]));
      assert.equal(silenced.length, mp3.length);
      const wave = `-t raw -r ${rate} -c ${channels} -b 16 -e signed -`;
      const before = pcm(sox(`-t mp3 - ${wave}`, mp3));
      const after = pcm(sox(`-t mp3 - ${wave}`, silenced));
      assert.equal(after.length, before.length);
      const at = (ms: number) => Math.floor((rate * ms) / 1000) * channels;
      // sox takes the encoder's delay for audio, which is at most 2257 samples.
      const delayMs = (2257 / rate) * 1000;
      assert.ok(before.subarray(at(2000), at(3500)).some((sample) => Math.abs(sample) > 3000));
      assert.ok(after.subarray(at(2000), at(3500 + delayMs / 2)).every((sample) => Math.abs(sample) <= 1));
      const [audibleBefore, audibleAfter] = [1100, 3500 + 2 * delayMs + 1200];
      assert.deepEqual(after.subarray(0, at(audibleBefore)), before.subarray(0, at(audibleBefore)));
      assert.deepEqual(after.subarray(at(audibleAfter)), before.subarray(at(audibleAfter)));
      assert.deepEqual(await gathered(silenceMp3(inPieces(mp3, 7), [{ fromMs: 2000, toMs: 3500 }])), silenced);
    });
  }

  test('what cannot be read as frames leaves as zeros', async () => {
    const free = Buffer.alloc(5000, 0x41);
    assert.deepEqual(await gathered(silenceMp3(inPieces(free, 999), [{ fromMs: 0, toMs: 10 }])), Buffer.alloc(5000));
  });
});
