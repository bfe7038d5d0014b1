import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAwaited } from '../../../src/domain/control/awaited.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import type { LiveEvent } from '../../../src/domain/model/events.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import { closedAfter } from '../../support/closed-after.ts';
import { agent1, alice, bob, createDomainHarness, type DomainHarness } from '../support/domain-harness.ts';

const harness = closedAfter(createDomainHarness);

const problem = (code: string, message?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ExpectedError, String(error));
  assert.equal(error.code, code, error.message);
  if (message) assert.match(error.message, message);
  return true;
};

describe('a recording command', () => {
  it('is confirmed by one look at the vendor, and names the recording', async () => {
    const { server, recorder, store, events } = await harness();
    recorder.call('1', 'call-1');
    const { command, agent, replayed } = await server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1');
    assert.equal(command.status, 'CONFIRMED');
    assert.equal(command.recording, 'rec-1');
    assert.equal(command.operation, 'START_RECORDING');
    assert.equal(agent.externalId, '1');
    assert.equal(agent.activeCall, 'call-1');
    assert.equal(replayed, false);
    assert.equal(recorder.sent('START_RECORDING'), 1);
    const reported = events
      .filter(({ entityType }) => entityType === 'command')
      .map(({ previous, state }) => [previous, (state as { status: string }).status]);
    assert.deepEqual(reported, [
      [null, 'PENDING'],
      ['PENDING', 'ACCEPTED'],
      ['ACCEPTED', 'CONFIRMED'],
    ]);
    const audit = await store.audit.rows(0, 100);
    assert.deepEqual(
      audit.map(({ action, actor }) => [action, actor]),
      [
        ['command.requested', 'alice'],
        ['command.settled', 'alice'],
        ['command.settled', 'alice'],
      ],
    );
  });

  it('stays ACCEPTED where nothing shows it, and is confirmed by what is observed later', async () => {
    const { server, recorder, commands } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    const { command } = await server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1');
    assert.equal(command.status, 'ACCEPTED');
    await server.show();
    const [row] = await commands();
    assert.equal(row!.status, 'CONFIRMED');
    assert.equal(row!.recording, 'rec-1');
  });

  it('is not confirmed by what was read at the vendor before it accepted', async () => {
    const { server, recorder, clock, commands } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    recorder.record('1');
    await server.show();
    recorder.hangUp('1');
    const stale = recorder.agentSnapshots().flatMap(({ observations }) => observations);
    const staleMs = clock.now();
    recorder.call('1', 'call-1');
    recorder.record('1');
    await clock.advance(100);
    await server.show();
    await server.control.run({ action: 'stopRecording', agent: agent1 }, alice, 'c1');
    await server.observe.observe('hq', { observations: stale, asOfMs: staleMs });
    assert.equal((await commands())[0]!.status, 'ACCEPTED');
    await server.show();
    assert.equal((await commands())[0]!.status, 'CONFIRMED');
  });

  it('runs every operation and sees each', async () => {
    const { server, recorder } = await harness();
    recorder.call('1', 'call-1');
    const run = async (request: Omit<Parameters<typeof server.control.run>[0], 'agent'>) =>
      (await server.control.run({ ...request, agent: agent1 }, alice, 'c')).command;
    const seen = [
      await run({ action: 'startRecording', metadata: [{ key: 'user1', value: 'A' }] }),
      await run({ action: 'updateRecording', metadata: [{ key: 'user2', value: '7' }] }),
      await run({ action: 'startDuplicateRecording' }),
      await run({ action: 'stopDuplicateRecording' }),
      await run({ action: 'startRecording', kind: 'SCREEN' }),
      await run({ action: 'stopRecording', kind: 'SCREEN' }),
      await run({ action: 'stopRecording' }),
      await run({ action: 'signOutAgent' }),
      await run({ action: 'signInAgent', phone: '40038' }),
    ];
    assert.deepEqual(
      seen.map(({ operation, status }) => `${operation} ${status}`),
      [
        'START_RECORDING CONFIRMED',
        'UPDATE_RECORDING CONFIRMED',
        'START_DUPLICATE_RECORDING CONFIRMED',
        'STOP_DUPLICATE_RECORDING CONFIRMED',
        'START_SCREEN_RECORDING CONFIRMED',
        'STOP_SCREEN_RECORDING CONFIRMED',
        'STOP_RECORDING CONFIRMED',
        'SIGN_OUT_AGENT CONFIRMED',
        'SIGN_IN_AGENT CONFIRMED',
      ],
    );
    assert.deepEqual(recorder.metadata('call-1'), { user1: 'A', user2: '7' });
  });

  it('that the vendor refuses is thrown and kept as FAILED', async () => {
    const { server, recorder, commands } = await harness();
    recorder.call('1', 'call-1');
    recorder.faults.push('refused');
    await assert.rejects(server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1'), problem('VENDOR_REJECTED'));
    const [row] = await commands();
    assert.equal(row!.status, 'FAILED');
    assert.deepEqual(row!.problem, {
      code: 'VENDOR_REJECTED',
      message: 'START_RECORDING was refused.',
      retryable: false,
      vendorCode: '500-011',
      correlationId: 'c1',
    });
  });

  it('that failed by an event after it was accepted ends FAILED with the vendor code', async () => {
    const { server, recorder, commands, clock } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    await server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1');
    await server.observe.observe('hq', {
      observations: [
        {
          type: 'commandFailed',
          agent: '1',
          operations: ['START_RECORDING'],
          recording: null,
          message: 'no free channel',
          vendorCode: '7',
        },
      ],
      asOfMs: clock.now(),
    });
    const [row] = await commands();
    assert.equal(row!.status, 'FAILED');
    assert.equal(row!.problem!.code, 'VENDOR_REJECTED');
    assert.equal(row!.problem!.vendorCode, '7');
  });
});

describe('what is refused before the vendor is called', () => {
  const actionWith = { fileName: 'startRecording', call: 'startDuplicateRecording', phone: 'signInAgent' } as const;
  const cases: [string, Parameters<DomainHarness['server']['control']['run']>[0], string, RegExp][] = [
    ['an unknown source', { action: 'startRecording', agent: { ...agent1, source: 'nowhere' } }, 'NOT_FOUND', /no source named "nowhere"/],
    ['an unknown agent', { action: 'startRecording', agent: { ...agent1, value: '99' } }, 'NOT_FOUND', /knows no agent/],
    ['an empty identifier', { action: 'startRecording', agent: { ...agent1, value: ' ' } }, 'INVALID_INPUT', /is empty/],
    ['video', { action: 'startRecording', agent: agent1, kind: 'VIDEO' }, 'INVALID_INPUT', /AUDIO or SCREEN/],
    ['voicemail', { action: 'stopRecording', agent: agent1, kind: 'VOICEMAIL' }, 'INVALID_INPUT', /AUDIO or SCREEN/],
    [
      'an unknown metadata key',
      { action: 'updateRecording', agent: agent1, metadata: [{ key: 'colour', value: 'red' }] },
      'INVALID_INPUT',
      /user1, user2/,
    ],
    ['no metadata', { action: 'updateRecording', agent: agent1, metadata: [] }, 'INVALID_INPUT', /at least one key/],
    [
      'a key twice',
      {
        action: 'updateRecording',
        agent: agent1,
        metadata: [
          { key: 'user1', value: 'a' },
          { key: 'user1', value: 'b' },
        ],
      },
      'INVALID_INPUT',
      /twice/,
    ],
    ...(['fileName', 'call', 'phone'] as const).map((name): (typeof cases)[number] => [
      `a ${name} of more than 1000 characters`,
      { action: actionWith[name], agent: agent1, [name]: 'x'.repeat(1001) },
      'INVALID_INPUT',
      new RegExp(`${name} has 1001 characters; use at most 1000`),
    ]),
    [
      'a metadata value of more than 1000 characters',
      { action: 'updateRecording', agent: agent1, metadata: [{ key: 'user1', value: 'x'.repeat(1001) }] },
      'INVALID_INPUT',
      /"user1" has 1001 characters; use at most 1000/,
    ],
    [
      'an identifier of more than 1000 characters',
      { action: 'startRecording', agent: { ...agent1, value: 'x'.repeat(1001) } },
      'INVALID_INPUT',
      /the value of agent has 1001 characters; use at most 1000/,
    ],
    ['an empty file name', { action: 'startRecording', agent: agent1, fileName: '' }, 'INVALID_INPUT', /fileName is empty/],
    ['an empty idempotency key', { action: 'startRecording', agent: agent1, idempotencyKey: '' }, 'INVALID_INPUT', /idempotencyKey/],
    [
      'what the source cannot do',
      { action: 'updateRecording', kind: 'SCREEN', agent: agent1, metadata: [{ key: 'user1', value: 'a' }] },
      'UNSUPPORTED',
      /hq does not support UPDATE_SCREEN_RECORDING/,
    ],
  ];
  for (const [name, request, code, message] of cases) {
    it(`${name} is ${code}`, async () => {
      const { server, recorder, commands } = await harness();
      await assert.rejects(server.control.run(request, alice, 'c'), problem(code, message));
      assert.equal(recorder.received.length, 0);
      assert.equal((await commands()).length, 0);
    });
  }

  it('a source out of reach is not there', async () => {
    const { server } = await harness();
    const bounded = { ...alice, sources: new Set(['other']) };
    await assert.rejects(server.control.run({ action: 'stopRecording', agent: agent1 }, bounded, 'c'), problem('NOT_FOUND'));
  });

  it('a second recording and one without a call are refused on the present word of the vendor', async () => {
    const { server, recorder, commands } = await harness();
    await server.show();
    await assert.rejects(server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c'), problem('NOT_IN_CALL'));
    recorder.call('1', 'call-1');
    recorder.record('1');
    await server.show();
    await assert.rejects(server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c'), problem('ALREADY_RECORDING'));
    assert.equal(recorder.received.length, 0);
    assert.deepEqual(
      (await commands()).map(({ status }) => status),
      ['FAILED', 'FAILED'],
    );
  });

  it('what live state remembers wrongly refuses nothing', async () => {
    const { server, recorder } = await harness();
    await server.show();
    recorder.call('1', 'call-1');
    const { command } = await server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c');
    assert.equal(command.status, 'CONFIRMED');
  });
});

describe('an idempotency key', () => {
  const request = { action: 'startRecording', agent: agent1, idempotencyKey: 'k1' } as const;

  it('replays the first answer', async () => {
    const { server, recorder } = await harness();
    recorder.call('1', 'call-1');
    const first = await server.control.run(request, alice, 'c1');
    const second = await server.control.run(request, alice, 'c2');
    assert.equal(first.replayed, false);
    assert.equal(second.replayed, true);
    assert.deepEqual(second.command, first.command);
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('gives two requests in flight one vendor command', async () => {
    const { server, recorder } = await harness();
    recorder.call('1', 'call-1');
    const [first, second] = await Promise.all([server.control.run(request, alice, 'c1'), server.control.run(request, alice, 'c2')]);
    assert.deepEqual([first.replayed, second.replayed].sort(), [false, true]);
    assert.equal(first.command.id, second.command.id);
    assert.equal(second.command.status, 'CONFIRMED');
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('of two different requests at once is the first one’s', async () => {
    const { server, recorder } = await harness();
    recorder.call('1', 'call-1');
    const outcomes = await Promise.allSettled([
      server.control.run(request, alice, 'c1'),
      server.control.run({ ...request, fileName: 'x' }, alice, 'c2'),
    ]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.equal(refused.length, 1);
    problem('IDEMPOTENCY_MISMATCH')(refused[0]!.reason);
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('of a request that another server has in flight waits for its answer', async () => {
    const { server, boot, recorder, finish } = await harness();
    const neighbour = await boot();
    recorder.call('1', 'call-1');
    recorder.faults.push('deaf');
    const first = server.control.run(request, alice, 'c1');
    const second = neighbour.control.run(request, alice, 'c2');
    const [a, b] = await finish(Promise.all([first, second]));
    assert.deepEqual([a.replayed, b.replayed].sort(), [false, true]);
    assert.equal(b.command.status, 'CONFIRMED');
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('with another input is IDEMPOTENCY_MISMATCH', async () => {
    const { server, recorder } = await harness();
    recorder.call('1', 'call-1');
    await server.control.run(request, alice, 'c1');
    await assert.rejects(server.control.run({ ...request, action: 'stopRecording' }, alice, 'c2'), problem('IDEMPOTENCY_MISMATCH'));
    await assert.rejects(server.control.run({ ...request, fileName: 'x' }, alice, 'c2'), problem('IDEMPOTENCY_MISMATCH'));
  });

  it('belongs to its caller', async () => {
    const { server, recorder } = await harness();
    recorder.call('1', 'call-1');
    await server.control.run(request, alice, 'c1');
    const answer = await server.control.run({ ...request, action: 'stopRecording' }, bob, 'c2');
    assert.equal(answer.replayed, false);
  });

  it('replays a failure under its first correlation id', async () => {
    const { server, recorder } = await harness();
    recorder.call('1', 'call-1');
    recorder.faults.push('refused');
    await assert.rejects(server.control.run(request, alice, 'c1'), problem('VENDOR_REJECTED'));
    await assert.rejects(server.control.run(request, alice, 'c2'), (error: ExpectedError) => {
      assert.equal(error.code, 'VENDOR_REJECTED');
      assert.equal(error.correlationId, 'c1');
      assert.equal(error.vendorCode, '500-011');
      return true;
    });
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('replays also while the vendor is down', async () => {
    const { server, recorder, boot } = await harness();
    recorder.call('1', 'call-1');
    const first = await server.control.run(request, alice, 'c1');
    recorder.break('down');
    server.kill();
    const again = await boot();
    const second = await again.control.run(request, alice, 'c2');
    assert.equal(second.command.id, first.command.id);
    assert.equal(second.replayed, true);
  });

  it('answers also where the commit of its first request was not acknowledged, and nothing was sent', async () => {
    const { server, boot, recorder, finish, commands, pass } = await harness();
    server.kill();
    let acknowledged = false;
    const cutOff = await boot({
      over: (store) => ({
        ...store,
        transaction: async (work) => {
          const result = await store.transaction(work);
          if (acknowledged || (await store.commands.ofKey('alice', 'k1')) === null) return result;
          acknowledged = true;
          throw new Error('Connection terminated unexpectedly');
        },
      }),
    });
    recorder.call('1', 'call-1');
    await assert.rejects(cutOff.control.run(request, alice, 'c1'), /Connection terminated/);
    const second = await finish(cutOff.control.run(request, alice, 'c2'));
    assert.deepEqual([second.replayed, second.command.status], [true, 'PENDING']);
    await pass(60_000);
    assert.deepEqual(
      (await commands()).map(({ status }) => status),
      ['FAILED'],
    );
    assert.equal(recorder.sent('START_RECORDING'), 0);
  });

  it('is free again when its time is over', async () => {
    const { server, recorder, clock, commands } = await harness({ settings: { idempotencyKeepMs: 60_000 } });
    recorder.call('1', 'call-1');
    await server.control.run(request, alice, 'c1');
    await clock.advance(60_001);
    const answer = await server.control.run({ ...request, action: 'stopRecording' }, alice, 'c2');
    assert.equal(answer.replayed, false);
    assert.deepEqual(
      (await commands()).map(({ idempotencyKey }) => idempotencyKey),
      ['k1', null],
    );
  });
});

describe('a command without an answer', () => {
  it('that was done is CONFIRMED from what the vendor shows, and never sent again', async () => {
    const { server, recorder, finish } = await harness();
    recorder.call('1', 'call-1');
    recorder.faults.push('deaf');
    const { command } = await finish(server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1'));
    assert.equal(command.status, 'CONFIRMED');
    assert.equal(command.problem, null);
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('that was not done is FAILED, in words that say so', async () => {
    const { server, recorder, finish, commands } = await harness();
    recorder.call('1', 'call-1');
    recorder.faults.push('lost');
    await assert.rejects(
      finish(server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1')),
      problem('VENDOR_TIMEOUT', /was not carried out/),
    );
    assert.equal((await commands())[0]!.status, 'FAILED');
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('stays PENDING where nobody can look, and is settled when it is seen', async () => {
    const { server, recorder, finish, commands } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    recorder.faults.push('deaf');
    await assert.rejects(
      finish(server.control.run({ action: 'startRecording', agent: agent1, idempotencyKey: 'k' }, alice, 'c1')),
      problem('VENDOR_TIMEOUT', /not known if .* carried out\. The command stays PENDING/),
    );
    assert.equal((await commands())[0]!.status, 'PENDING');
    await server.show();
    const [row] = await commands();
    assert.equal(row!.status, 'CONFIRMED');
    assert.equal(row!.problem, null);
    const again = await server.control.run({ action: 'startRecording', agent: agent1, idempotencyKey: 'k' }, alice, 'c2');
    assert.equal(again.replayed, true);
    assert.equal(recorder.sent('START_RECORDING'), 1);
  });

  it('that never shows counts as failed in the end', async () => {
    const { server, recorder, finish, commands, pass } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    recorder.faults.push('lost');
    await assert.rejects(finish(server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1')), problem('VENDOR_TIMEOUT'));
    await pass(400_000);
    assert.equal((await commands())[0]!.status, 'FAILED');
  });

  it('is FAILED at once where the vendor cannot have received it', async () => {
    const { server, recorder, commands } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    recorder.faults.push('unconnected');
    await assert.rejects(server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1'), problem('VENDOR_UNAVAILABLE'));
    assert.equal((await commands())[0]!.status, 'FAILED');
  });
});

describe('what a source is waited for', () => {
  it('is held against the first observation since it was accepted, and then against what changes the agent', async () => {
    const { server, boot, recorder, commands } = await harness({ reads: false });
    server.kill();
    let written = 0;
    const transaction = ((store) => (work) => {
      written += 1;
      return store.transaction(work);
    }) satisfies (store: Store) => Store['transaction'];
    const own = await boot({ over: (store) => ({ ...store, transaction: transaction(store) }) });
    recorder.call('1', 'call-1');
    recorder.call('2', 'call-2');
    recorder.record('1');
    await own.show();
    // The vendor says yes and goes on recording.
    recorder.failNext('STOP_RECORDING', 'failsLater');
    await own.control.run({ action: 'stopRecording', agent: agent1 }, alice, 'c1');
    recorder.takeFailures();
    const writtenBy = async (work: () => Promise<void>) => {
      const before = written;
      await work();
      return written - before;
    };
    assert.equal(await writtenBy(own.show), 1);
    assert.equal(await writtenBy(own.show), 0);
    assert.equal((await commands())[0]!.status, 'ACCEPTED');
    recorder.hangUp('2');
    assert.equal(await writtenBy(own.show), 1);
    assert.equal((await commands())[0]!.status, 'ACCEPTED');
    recorder.hangUp('1');
    assert.equal(await writtenBy(own.show), 1);
    assert.equal((await commands())[0]!.status, 'CONFIRMED');
  });

  it('is awaited no more where it completes while the open ones are read', async () => {
    const { server, recorder, store, clock, commands, events } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    await server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1');
    const [accepted] = await commands();
    await clock.advance(1_000);
    await server.show();
    const completed = events.filter((one) => one.entityType === 'command').findLast(({ key }) => key === accepted!.id)!;
    assert.equal(completed.state.status, 'CONFIRMED');
    const awaitedAfter = async (meanwhile: readonly LiveEvent[]) => {
      const awaited = createAwaited();
      const open = async () => {
        awaited.apply(meanwhile);
        return [accepted!];
      };
      await awaited.load({ commands: { ...store.commands, open } }, ['hq']);
      return awaited.unjudged('hq', clock.now()).map(({ id }) => id);
    };
    assert.deepEqual(await awaitedAfter([]), [accepted!.id]);
    assert.deepEqual(await awaitedAfter([completed]), []);
  });
});

describe('a server killed in the middle', () => {
  for (const [deed, done] of [
    [0, false],
    [1, false],
    [2, true],
    [3, true],
  ] as const) {
    it(`before deed ${deed} leaves a command that the next one settles without sending it`, async () => {
      const { server, recorder, boot, commands, finish, pass } = await harness();
      recorder.call('1', 'call-1');
      await server.show();
      server.kill();
      const doomed = await boot({ burnsAt: deed, start: false });
      await Promise.race([
        doomed.control.run({ action: 'startRecording', agent: agent1, idempotencyKey: 'k' }, alice, 'c1').then(
          () => undefined,
          () => undefined,
        ),
        finish(new Promise<void>((resolve) => setImmediate(resolve))),
      ]);
      doomed.kill();
      const sent = recorder.sent('START_RECORDING');
      const next = await boot();
      await pass(120_000);
      assert.equal(recorder.sent('START_RECORDING'), sent, 'nothing is repeated');
      const [row] = await commands();
      if (row) assert.equal(row.status, recorder.isRecording('1') ? 'CONFIRMED' : 'FAILED');
      assert.equal(recorder.isRecording('1'), done);
      next.kill();
    });
  }
});

describe("the vendor's later no", () => {
  const failure = (recording: string | null) => ({
    type: 'commandFailed' as const,
    agent: '1',
    operations: ['START_RECORDING'],
    recording,
    message: 'no free channel',
    vendorCode: '7',
  });

  it('makes FAILED of an ACCEPTED command also where its recording goes by another name by then, and long after', async () => {
    const { server, recorder, commands, clock, pass } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    const { command } = await server.control.run({ action: 'startRecording', agent: agent1 }, alice, 'c1');
    const recording = { kind: 'AUDIO' as const, agent: '1', call: 'call-1' };
    await server.observe.observe('hq', {
      observations: [{ type: 'recording', recording: { ...recording, externalId: 'task-1', state: 'STARTING' } }],
      asOfMs: clock.now(),
    });
    await pass(60_000);
    assert.equal((await commands())[0]!.status, 'ACCEPTED', 'nothing showed it');
    await server.observe.observe('hq', {
      observations: [
        { type: 'recording', recording: { ...recording, externalId: 'Y:/1/a.V3', formerId: 'task-1', state: 'FAILED' } },
        failure('Y:/1/a.V3'),
      ],
      asOfMs: clock.now(),
    });
    const [row] = await commands();
    assert.deepEqual([row!.id, row!.status, row!.problem!.vendorCode], [command.id, 'FAILED', '7']);
  });

  it('is about the newest command that names no other recording, and about one only', async () => {
    const { server, recorder, commands, clock } = await harness({ reads: false });
    recorder.call('1', 'call-1');
    await server.show();
    const run = async (correlation: string) => {
      await clock.advance(100);
      return (await server.control.run({ action: 'startRecording', agent: agent1 }, alice, correlation)).command.id;
    };
    const first = await run('c1');
    recorder.hangUp('1');
    recorder.call('1', 'call-2');
    const second = await run('c2');
    await server.observe.observe('hq', { observations: [failure(null)], asOfMs: clock.now() });
    const statuses = new Map((await commands()).map(({ id, status }) => [id, status]));
    assert.deepEqual([statuses.get(first), statuses.get(second)], ['ACCEPTED', 'FAILED']);
  });
});

describe("a duplicate by the vendor's callid", () => {
  it('is confirmed by the recording of that call, not by there being none of that name', async () => {
    const { server, clock, commands } = await harness({
      reads: false,
      source: { control: { STOP_DUPLICATE_RECORDING: async () => ({}) } },
    });
    const show = (state: 'RECORDING' | 'STOPPED') =>
      server.observe.observe('hq', {
        observations: [
          { type: 'agent', agent: { externalId: '1', status: 'ON_CALL', activeCall: 'instance-1', inactiveCalls: [] } },
          {
            type: 'call',
            call: { externalId: 'instance-1', state: 'ACTIVE', agents: ['1'], metadata: [{ key: 'callid', value: '111222' }] },
          },
          { type: 'recording', recording: { externalId: 'd', kind: 'AUDIO', isDuplicate: true, agent: '1', call: 'instance-1', state } },
        ],
        asOfMs: clock.now(),
      });
    await show('RECORDING');
    const { command } = await server.control.run({ action: 'stopDuplicateRecording', agent: agent1, call: '111222' }, alice, 'c');
    assert.equal(command.status, 'ACCEPTED');
    await clock.advance(100);
    await show('RECORDING');
    assert.equal((await commands())[0]!.status, 'ACCEPTED');
    await clock.advance(100);
    await show('STOPPED');
    assert.equal((await commands())[0]!.status, 'CONFIRMED');
  });
});

describe('a forced sign-out', () => {
  it('reaches the vendor, and is another request than one without', async () => {
    const { server, recorder } = await harness();
    const request = { action: 'signOutAgent' as const, agent: agent1, idempotencyKey: 'k' };
    await server.control.run({ ...request, force: true }, alice, 'c1');
    assert.equal(recorder.received.at(-1)!.command.force, true);
    await assert.rejects(server.control.run({ ...request, force: false }, alice, 'c2'), problem('IDEMPOTENCY_MISMATCH'));
    await assert.rejects(server.control.run(request, alice, 'c3'), problem('IDEMPOTENCY_MISMATCH'), 'absent is false');
  });
});
