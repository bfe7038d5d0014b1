/** The right to be forgotten: nothing of the person is left in any table or on the disk, the trail holds, and others are as they were. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { erasedText } from '../../src/cli/erase.ts';
import { keyId } from '../../src/domain/model/ids.ts';
import { erasePerson } from '../../src/storage/erase.ts';
import { verifyAudit } from '../../src/storage/index.ts';
import { personOfNumber } from '../../src/storage/person.ts';
import { agent, at, blackout, call, command, event, recording, type StoreUnderTest, sharedStores } from './stores.ts';

const tools = (subject: StoreUnderTest) => ({ clock: subject.clock, ids: { next: () => 'id' } });
const tables = [
  ...['agents', 'calls', 'call_agents', 'recordings', 'blackouts', 'commands', 'events', 'audit', 'pending_events', 'pending_audit'],
  ...['vendor_state', 'receipts', 'dead_letters'],
];

const assertWithout = (text: string, pattern: RegExp) => assert.equal(pattern.exec(text)?.[0], undefined);

/** Everything that is stored, as one text; numbers stand in some columns from their last digit to the first. */
const everything = async ({ tamper }: StoreUnderTest): Promise<string> => {
  const rows = [];
  for (const table of tables) rows.push(table, ...(await tamper(`select * from ${table}`)));
  return JSON.stringify(rows);
};

const anna = agent('291', {
  name: 'Anna Berg',
  email: 'anna.berg@example.com',
  phone: '+4540038291',
  username: 'aberg',
  deviceId: 'D-291',
});
const annaThen = agent('291', { name: 'Anna Falk', email: 'anna.berg@example.com' });
const bo = agent('292', { name: 'Bo Holm', phone: '40038292' });
const caller = '+45 12 34 56 78';

const fill = async ({ store }: StoreUnderTest) => {
  await store.agents.put([anna, bo]);
  await store.calls.put([
    call('c1', {
      caller: '004512345678',
      called: '70102030',
      queue: 'Billing',
      agents: ['291'],
      startedAt: at(1),
      legs: [
        { party: 'AGENT', agent: '291', endpoint: '8291', startedAt: at(1), endedAt: null },
        { party: 'CUSTOMER', agent: null, endpoint: 'sip:+4512345678@gateway', startedAt: at(1), endedAt: null },
      ],
      metadata: [{ key: 'user1', value: 'call back 12345678 please' }],
    }),
    call('c2', { caller: '+4587650099', agents: ['292'], startedAt: at(2) }),
  ]);
  await store.recordings.put([
    recording('r1', { agent: '291', call: 'c1', endpoint: '12 34 56 78', fileName: 'c1_4512345678.wav', startedAt: at(1) }),
    recording('r2', { agent: '292', call: 'c2', endpoint: '+4587650099', startedAt: at(2) }),
  ]);
  await store.blackouts.insert(blackout('b1', { agent: '291', state: 'ENDED', endedAt: at(5), note: 'Anna Berg asked; call 12345678' }));
  await store.commands.insert(
    command('k1', {
      agent: '291',
      idempotencyKey: 'crm-12345678',
      inputHash: 'a hash',
      input: { agent: { key: '+4540038291' }, call: 'c1' },
    }),
  );
  await store.commands.insert(command('k2', { agent: '292', idempotencyKey: 'crm-2', inputHash: 'a hash', input: { note: 'Bo Holm' } }));
  await store.events.append([
    event('291', { state: annaThen }),
    { ...event('c1'), entityType: 'call', previous: null, state: call('c1', { caller: '12345678', agents: ['291'] }) },
    event('292', { state: bo }),
  ]);
  await store.audit.append([
    {
      at: at(1),
      actor: 'crm',
      action: 'command.requested',
      subject: { source: 'hq', agent: '291', input: { note: 'ring 12345678', n: 1 } },
    },
    { at: at(2), actor: 'crm', action: 'ledger.read', subject: { filter: { agent: keyId('Agent', anna), who: 'Anna Falk' } } },
    { at: at(3), actor: 'crm', action: 'command.requested', subject: { source: 'hq', agent: '292', input: { note: 'Bo Holm' } } },
  ]);
  await store.vendorState('hq').put('session:291', { token: 'x' });
  await store.vendorState('hq').put('session:292', { token: 'y', last: '87650099' });
  await store.receipts.add('hq', ['call +4512345678', 'call 2'], at(0));
  await store.deadLetters.add({ source: 'hq', at: at(0), reason: 'push: half', body: '{"Caller":"004512345678"' });
  await store.deadLetters.add({ source: 'hq', at: at(0), reason: 'push: half', body: 'base64,eyJBZ2VudCI6IkFubmEgQmVyZyI=' });
  await store.deadLetters.add({ source: 'hq', at: at(0), reason: 'push: half', body: '{"Caller":"87650099"' });
};

for (const [name, create] of sharedStores) {
  describe(`erasing in ${name}`, () => {
    let subject: StoreUnderTest;
    before(async () => {
      subject = await create();
      await fill(subject);
    });
    after(() => subject.close());
    const erase = (target: Parameters<typeof erasePerson>[1]) => erasePerson(subject.url, target, tools(subject));

    test('waits until no server runs and no blackout is open, and wants a whole number', async () => {
      await subject.store.leases.acquire('observe:hq', 'one', 60_000);
      await assert.rejects(erase({ number: caller }), { code: 'CONFLICT', message: /stop every server/ });
      await subject.store.leases.release('observe:hq', 'one');
      await subject.store.blackouts.insert(blackout('open', { agent: '293', state: 'ACTIVE' }));
      await assert.rejects(erase({ agent: { source: 'hq', externalId: '293' } }), { code: 'CONFLICT', message: /open blackout/ });
      await assert.rejects(erase({ number: '2345' }), { code: 'INVALID_INPUT', message: /seven digits/ });
      const unknown = { agent: { source: 'nosuch', externalId: '5' }, mustBeKnown: true };
      await assert.rejects(erase(unknown), { code: 'NOT_FOUND', message: /no source named nosuch.*nothing was erased/ });
      assert.deepEqual(await verifyAudit(subject.store), { rows: 3, fault: null });
    });

    test('a caller: every form of the number goes, and nothing else', async () => {
      const erased = await erase({ number: caller });
      assert.deepEqual(erased, {
        ...{ agents: 0, calls: 1, recordings: 1, blackouts: 1, commands: 1, events: 1, audit: 1 },
        ...{ dead_letters: 1, vendor_state: 0, receipts: 1, auditUnread: 0 },
      });
      const left = await everything(subject);
      assertWithout(left, /12345678|12 34 56 78|87654321/);
      for (const kept of ['87650099', 'Anna Berg', 'Bo Holm', '70102030', 'call back erased please', 'Billing', 'a hash'])
        assert.ok(left.includes(kept), `${kept} is left`);
      const { store } = subject;
      assert.equal(await store.calls.count({ number: '12345678' }, 10), 0);
      assert.equal(await store.calls.count({ number: '87650099' }, 10), 1);
      assert.equal(await store.recordings.count({ number: '12345678' }, 10), 0);
      const [k1] = await store.commands.byIds(['k1']);
      assert.deepEqual([k1!.idempotencyKey, k1!.inputHash], [null, 'a hash']);
      assert.deepEqual(await verifyAudit(store), { rows: 4, fault: null });
    });

    test('an agent: names and numbers go, also former ones; the id becomes another everywhere', async () => {
      const erased = await erase({ agent: { source: 'hq', externalId: '291' } });
      assert.deepEqual(erased, {
        ...{ agents: 1, calls: 1, recordings: 1, blackouts: 1, commands: 1, events: 2, audit: 2 },
        ...{ dead_letters: 1, vendor_state: 1, receipts: 0, auditUnread: 0 },
      });
      const left = await everything(subject);
      // Digests hold any four digits now and then.
      assertWithout(left, /Anna|Falk|Berg|aberg|40038291|D-291|(?<![\da-f])8291(?![\da-f])|hq:291|session:291/);
      assert.ok(!left.includes(keyId('Agent', anna)));
      const { store } = subject;
      const [other] = (await store.agents.all(['hq'])).filter(({ externalId }) => externalId !== '292');
      assert.match(other!.externalId, /^erased-[0-9a-f]{16}$/);
      assert.deepEqual([other!.name, other!.phone, other!.email, other!.username], [null, null, null, null]);
      const key = { source: 'hq', externalId: other!.externalId };
      for (const table of [store.calls, store.recordings, store.blackouts, store.commands])
        assert.equal(await table.count({ agent: key }, 10), 1);
      assert.equal((await store.commands.byIds(['k1']))[0]!.inputHash, 'erased');
      assert.deepEqual(await store.agents.byKeys([bo]), [bo]);
      assert.deepEqual(
        (await store.events.after(0, 10)).map(({ key: eventKey }) => eventKey),
        [other!.externalId, 'c1', '292'],
      );
      assert.deepEqual(await verifyAudit(store), { rows: 5, fault: null });
    });

    test('the trail says that it was done, and of nobody', async () => {
      const rows = (await subject.store.audit.rows(3, 10)).map(({ actor, action, subject: details }) => ({
        actor,
        action,
        of: details.of,
      }));
      assert.deepEqual(rows, [
        { actor: 'tapegraph', action: 'person.erased', of: 'number' },
        { actor: 'tapegraph', action: 'person.erased', of: 'agent' },
      ]);
      await subject.tamper(`update audit set subject = '{"a":1}' where sequence = 1${name === 'SQLite' ? ' returning 1' : ''}`);
      assert.deepEqual((await verifyAudit(subject.store)).fault, { sequence: 1, what: 'changed' });
    });

    if (name === 'SQLite')
      test('the disk holds nothing of it either', () => {
        const file = subject.url.slice('sqlite:'.length);
        for (const path of [file, `${file}-wal`]) {
          const bytes = readFileSync(path).toString('latin1');
          assertWithout(bytes, /12345678|87654321|Anna Berg|aberg/);
        }
      });
  });
}

test('what is reported names what it does not cover', () => {
  const none = {
    agents: 0,
    calls: 0,
    recordings: 0,
    blackouts: 0,
    commands: 0,
    events: 0,
    audit: 0,
    dead_letters: 0,
    vendor_state: 0,
    receipts: 0,
  };
  const text = erasedText({ ...none, calls: 2, events: 1, auditUnread: 3 });
  assert.match(
    text,
    /^erased in: 2 calls, 1 event\nnot covered: what the vendor keeps \(audio too\), backups[\s\S]*, 3 entries of the audit trail of the first/,
  );
  assert.match(erasedText({ ...none, auditUnread: 0 }), /^erased in: nothing, because nothing was found\n/);
});

test('a number is found in a text however it is written, and beside other numbers', () => {
  const { redact } = personOfNumber('+4512345678')!;
  for (const [text, left] of [
    ['ring +45 12 34 56 78 back', 'ring erased back'],
    ['at:+45\u201112\u201134\u201156\u201178', 'at:erased'],
    ['call \uff0b\uff14\uff15\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18 now', 'call erased now'],
    ['\u0660\u0660\u0664\u0665\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668 was here', 'erased was here'],
    ['by (+45) 12345678.', 'by erased.'],
    ['87650099 12345678 2026-11-30', '87650099 erased 2026-11-30'],
    ['12 34 56 78 87 65 00 99', 'erased 87 65 00 99'],
    ['12345678, 87650099', 'erased, 87650099'],
  ] as const)
    assert.equal(redact(text), left);
  for (const other of ['+46 12345678', '+46 12 34 56 78', '9912345678', '1234567812345678', '12345670'])
    assert.equal(redact(`of ${other} it says`), `of ${other} it says`);
  const startMs = performance.now();
  for (const group of ['99 12 ', '12345678 ', '(', '1 ', '-']) redact(group.repeat(3_000));
  assert.ok(performance.now() - startMs < 10_000);
});
