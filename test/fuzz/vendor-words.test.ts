/** Tests that a vendor's readers answer any text with what was read or with what was wrong; they throw nothing else. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import { gatewayError } from '../../src/vendors/huawei/errors.ts';
import { directionOf as ofFeature, statusInEvent } from '../../src/vendors/huawei/statuses.ts';
import { decompressed } from '../../src/vendors/kit/decompress.ts';
import { directionOf as ofQueueCall } from '../../src/vendors/miralix/statuses.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { recordingState } from '../../src/vendors/uptivity/recordings.ts';
import { fuzzRuns } from './runs.ts';

const isSchema = (value: unknown): value is z.ZodObject => typeof (value as z.ZodType | null)?.safeParse === 'function';

/** Names of an object's fields, so that values are tried under names that are read. */
const namesOf = (schema: z.ZodType): string[] => {
  const shape = (schema as { shape?: Record<string, z.ZodType> }).shape;
  return shape === undefined ? [] : Object.keys(shape);
};

for (const { type: vendor } of vendorModules) {
  const words = (await import(`../../src/vendors/${vendor}/wire.ts`)) as Record<string, unknown>;
  describe(`what ${vendor} says`, () => {
    const schemas = Object.entries(words).filter((entry): entry is [string, z.ZodObject] => isSchema(entry[1]));
    assert.ok(schemas.length > 1);
    for (const [name, schema] of schemas) {
      it(name, () => {
        const names = [...namesOf(schema), 'AgentId', 'CallInstance', '__proto__'];
        const hostile = fc.oneof(
          fc.anything(),
          fc.constantFrom('', ' ', '1e400', '-0', '0x10', 'NaN', '9'.repeat(400), '\u0000', '\ud800'),
          fc.double(),
        );
        const nearly = fc.dictionary(fc.constantFrom(...names), hostile);
        const value = fc.oneof(hostile, nearly, fc.array(nearly, { maxLength: 3 }));
        fc.assert(
          fc.property(value, (given) => {
            assert.equal(typeof schema.safeParse(given).success, 'boolean');
          }),
          fuzzRuns(),
        );
      });
    }
  });
}

it('no word has a meaning because every object of JavaScript has a property of that name', () => {
  for (const word of Object.getOwnPropertyNames(Object.prototype)) {
    assert.equal(statusInEvent(word), null);
    for (const directionOf of [ofFeature, ofQueueCall]) assert.equal(directionOf(word), 'UNKNOWN');
    assert.equal(gatewayError('hq', word).code, 'VENDOR_REJECTED');
    assert.equal(recordingState(word), 'UNKNOWN');
    const body = Readable.from([]);
    assert.equal(decompressed(body, { 'content-encoding': word }, null), body);
  }
});
