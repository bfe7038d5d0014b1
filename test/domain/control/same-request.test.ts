/** One request under one idempotency key, sent again in other spelling, is answered again; another request never is. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { ControlRequest } from '../../../src/domain/control/request.ts';
import type { AgentIdentifier } from '../../../src/domain/model/enums.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { fuzzRuns } from '../../fuzz/runs.ts';
import { alice, createDomainHarness } from '../support/domain-harness.ts';

const names = { ID: '1', USERNAME: 'ann.Ø', EMAIL: 'Ann@Firma.dk', PHONE: '5001' } as const;
const named = { externalId: '1', username: names.USERNAME, email: names.EMAIL, phone: names.PHONE };
const harness = await createDomainHarness({
  source: {
    agents: {
      identifiers: Object.keys(names) as AgentIdentifier[],
      byIdentifiers: async (lookups) => lookups.map(() => null),
      list: async () => [{ agent: '1', observations: [{ type: 'agent', agent: named }] }],
    },
  },
});
after(() => harness.close());
harness.recorder.call('1', 'call-1');

interface Call {
  mutation: 'run' | 'startBlackout' | 'stopBlackout' | 'renewBlackout';
  request: Record<string, unknown>;
}

const padding = fc.constantFrom('', ' ', '  ', '\t', '\u00a0');
const padded = (text: string) => fc.tuple(padding, padding).map(([before, behind]) => before + text + behind);
const inAnyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter.toLowerCase())).join(''));
/** The same absent, null, and as its default. */
const optional = (...same: readonly unknown[]) => fc.constantFrom(undefined, null, ...same);

/** Spellings of one agent. */
const agent = (identifier: keyof typeof names) =>
  (identifier === 'ID' ? fc.constant(names.ID) : inAnyCase(names[identifier]))
    .chain(padded)
    .map((value) => ({ source: 'hq', identifier, value }));
const anyAgent = fc.constantFrom(...(Object.keys(names) as (keyof typeof names)[]));
const text = fc.constantFrom('a.wav', 'B 7', 'x/y');
const maybeText = fc.option(text, { nil: null });
const spelt = (given: string | null) => (given === null ? fc.constantFrom(undefined, null) : padded(given));
const metadata = fc
  .uniqueArray(fc.constantFrom('user1', 'user2'), { minLength: 1 })
  .chain((keys) => fc.tuple(...keys.map((key) => fc.constantFrom('a', ' a', 'A').map((value) => ({ key, value })))));
const speltMetadata = (entries: readonly { key: string; value: string }[]) =>
  fc
    .tuple(...entries.map(({ key, value }) => inAnyCase(key).map((spelling) => ({ key: spelling, value }))))
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));

/** A request's meaning, and how it is spelt. */
type Spelling = fc.Arbitrary<Record<string, unknown>>;
const spelling = (
  mutation: Call['mutation'],
  fields: Record<string, fc.Arbitrary<unknown>>,
): { mutation: Call['mutation']; spelling: Spelling } => ({
  mutation,
  spelling: fc.record(fields),
});
const kinds = fc.constantFrom('AUDIO' as const, 'SCREEN' as const);
const speltKind = (kind: string) => (kind === 'AUDIO' ? optional('AUDIO') : fc.constant(kind));
const durations = fc.option(fc.constantFrom(10_000, 20_000), { nil: null });
const speltDuration = (ms: number | null) => (ms === null ? fc.constantFrom(undefined, null) : fc.constant(ms));
const control = (action: ControlRequest['action'], fields: Record<string, fc.Arbitrary<unknown>>) =>
  spelling('run', { action: fc.constant(action), ...fields });

const meanings = fc.oneof(
  fc.tuple(anyAgent, kinds, maybeText, fc.option(metadata, { nil: null }), fc.boolean()).map(([who, kind, file, entries, append]) =>
    control('startRecording', {
      agent: agent(who),
      kind: speltKind(kind),
      fileName: spelt(file),
      mode: append ? fc.constant('APPEND') : optional('OVERWRITE'),
      metadata: entries === null ? optional([]) : speltMetadata(entries),
    }),
  ),
  fc
    .tuple(anyAgent, kinds)
    .map(([who, kind]) => control('stopRecording', { agent: agent(who), kind: speltKind(kind), metadata: optional([]) })),
  fc
    .tuple(anyAgent, kinds, metadata)
    .map(([who, kind, entries]) =>
      control('updateRecording', { agent: agent(who), kind: speltKind(kind), metadata: speltMetadata(entries) }),
    ),
  fc
    .tuple(anyAgent, fc.constantFrom('startDuplicateRecording' as const, 'stopDuplicateRecording' as const), maybeText)
    .map(([who, action, call]) => control(action, { agent: agent(who), call: spelt(call) })),
  fc
    .tuple(anyAgent, maybeText, fc.boolean())
    .map(([who, phone, force]) =>
      control('signInAgent', { agent: agent(who), phone: spelt(phone), force: force ? fc.constant(true) : optional(false) }),
    ),
  fc
    .tuple(anyAgent, fc.boolean())
    .map(([who, force]) => control('signOutAgent', { agent: agent(who), force: force ? fc.constant(true) : optional(false) })),
  fc.tuple(anyAgent, maybeText, durations, durations, fc.boolean()).map(([who, note, maxDuration, offset, isOther]) =>
    spelling('startBlackout', {
      agent: agent(who),
      note: note === null ? optional('', ' ') : padded(note),
      maxDuration: speltDuration(maxDuration),
      offset: offset === null ? optional(0) : fc.constant(offset),
      reason: isOther ? optional('OTHER') : fc.constant('PAYMENT'),
    }),
  ),
  fc
    .tuple(anyAgent, durations)
    .map(([who, maxDuration]) => spelling('renewBlackout', { agent: agent(who), maxDuration: speltDuration(maxDuration) })),
  fc
    .tuple(anyAgent, durations)
    .map(([who, offset]) => spelling('stopBlackout', { agent: agent(who), offset: offset === null ? optional(0) : fc.constant(offset) })),
);

const send = async ({ mutation, request }: Call): Promise<{ id: string; replayed: boolean } | { refused: string }> => {
  try {
    const answer = await (
      harness.server.control[mutation] as (...given: unknown[]) => Promise<{ command: { id: string }; replayed: boolean }>
    )(request, alice, 'c');
    return { id: answer.command.id, replayed: answer.replayed };
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return { refused: `${error.code}: ${error.message}` };
  }
};

let keys = 0;
test('a request sent again in other spelling replays, for every mutation', async () => {
  const twice = meanings.chain(({ mutation, spelling: one }) => fc.tuple(one, one).map((requests) => ({ mutation, requests })));
  await fc.assert(
    fc.asyncProperty(twice, async ({ mutation, requests }) => {
      const idempotencyKey = `k${keys++}`;
      const [first, again] = requests.map((request): Call => ({ mutation, request: { ...request, idempotencyKey } }));
      const answer = await send(first!);
      const sent = harness.recorder.received.length;
      const replay = await send(again!);
      assert.deepEqual(replay, 'id' in answer ? { ...answer, replayed: true } : answer);
      assert.equal(harness.recorder.received.length, sent, 'nothing is sent twice');
    }),
    fuzzRuns(1),
  );
});

test('another request under a key that was used is refused', async () => {
  const ask = (request: Record<string, unknown>) => send({ mutation: 'run', request: { action: 'signInAgent', ...request } });
  const base = { agent: { source: 'hq', identifier: 'ID', value: '1' }, phone: '5001', idempotencyKey: 'other' };
  assert.ok('id' in (await ask(base)));
  for (const change of [
    { phone: '5002' },
    { phone: null },
    { force: true },
    { agent: { ...base.agent, identifier: 'PHONE', value: '5001' } },
    { action: 'signOutAgent' },
  ]) {
    assert.match(JSON.stringify(await ask({ ...base, ...change })), /IDEMPOTENCY_MISMATCH/, JSON.stringify(change));
  }
});

test('a key or an identifier that is no text is refused, and is not another one', async () => {
  const base = { action: 'signOutAgent', agent: { source: 'hq', identifier: 'ID', value: '1' } };
  for (const idempotencyKey of ['z\ud83d', 'z\ud83e', 'z\uFFFD']) {
    const refused = await send({ mutation: 'run', request: { ...base, idempotencyKey } });
    assert.match(JSON.stringify(refused), /INVALID_INPUT: idempotencyKey .*well-formed/);
  }
  for (const value of ['1\ud83d', '1\uFFFD']) {
    const refused = await send({ mutation: 'run', request: { ...base, agent: { ...base.agent, value } } });
    assert.match(JSON.stringify(refused), /INVALID_INPUT: the value of agent .*well-formed/);
  }
});
