import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { ExpectedError } from '../src/domain/model/errors.ts';
import { createLog, createProcessLog } from '../src/observability/log.ts';

const lines = (level = 'debug') => {
  const written: string[] = [];
  return { written, log: createLog(level, (line) => written.push(line)) };
};

it('a line is JSON with its level, time, message and fields', () => {
  const { log, written } = lines();
  log.warn('polling fails', { source: 'hq', failures: 3, correlationId: '00000000-0000-4000-8000-000000000000' });
  const { level, time, ...rest } = JSON.parse(written[0]!);
  assert.equal(level, 40);
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.deepEqual(rest, { source: 'hq', failures: 3, correlationId: '00000000-0000-4000-8000-000000000000', msg: 'polling fails' });
});

it('secrets, numbers, addresses, ids and links do not reach a line, however they come', () => {
  const { log, written } = lines();
  const secrets = [
    'hunter2',
    '4915112345678',
    '+45 70 20 30 40',
    'ada@company.example',
    'sip:lp1@company.local',
    '2b9f0c2e-6f0b-4e7e-9a55-0c8a2f1b7d10',
    'recorder.internal',
  ];
  const text = `4915112345678 or +45 70 20 30 40 or ada@company.example or sip:lp1@company.local or 2b9f0c2e-6f0b-4e7e-9a55-0c8a2f1b7d10 at https://api:hunter2@recorder.internal/x?y=1`;
  log.info(text);
  log.info('in a field', { reason: text });
  log.info('deep in a field', {
    request: { body: text, list: [text, { deeper: text }] },
    password: 'hunter2',
    nested: { secret: 'hunter2', headers: { authorization: 'hunter2' } },
  });
  log.error('with an error', { error: new Error(text, { cause: new Error(text) }) });
  log.error('with an expected error', {
    error: new ExpectedError('VENDOR_TIMEOUT', 'hq: GetAll was not answered within 10 s.', { cause: new Error(text) }),
  });
  log.error('with an aggregate', { error: new AggregateError([new Error(text)], text) });
  log.error('with an error that is none', { error: text });
  assert.equal(written.length, 7);
  for (const line of written) for (const secret of secrets) assert.ok(!line.includes(secret), `${secret} in ${line}`);
  assert.match(written[4]!, /GetAll was not answered within 10 s/);
  assert.match(written[3]!, /log\.test\.ts/, 'where it was thrown is kept');
});

it('the id of a blackout stays readable, and an error tells the code of its cause', () => {
  const { log, written } = lines();
  const blackout = '00000000-0000-4000-8000-000000000001';
  const cause = Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:9'), { code: 'ECONNREFUSED' });
  log.error('a step failed', { blackout, error: new TypeError('fetch failed', { cause }) });
  const { blackout: logged, error } = JSON.parse(written[0]!);
  assert.deepEqual([logged, error.code, error.message], [blackout, 'ECONNREFUSED', 'fetch failed']);
  assert.ok(!written[0]!.includes('192.0.2.1'));
});

it('what is below the level is not written, and silent writes nothing', () => {
  const { log, written } = lines('warn');
  log.info('a');
  log.warn('b');
  log.error('c');
  assert.deepEqual(
    written.map((line) => JSON.parse(line).msg),
    ['b', 'c'],
  );
  const quiet = lines('silent');
  quiet.log.error('d');
  assert.deepEqual(quiet.written, []);
});

it('a field that cannot be written as JSON costs itself only', () => {
  const { log, written } = lines();
  const loop: Record<string, unknown> = { name: 'loop' };
  loop.self = loop;
  log.warn('round and round', { loop, big: 10n, at: new Date(0), nothing: null, missing: undefined });
  const line = JSON.parse(written[0]!);
  assert.equal(line.msg, 'round and round');
  assert.equal(line.at, '1970-01-01T00:00:00.000Z');
});

it('digits are masked however they are grouped, and times stay readable', () => {
  const { log, written } = lines();
  const numbers = [
    '06 12 34 56 78',
    '70.10.20.30',
    '+45 (70) 10-20-30',
    '４９１５１１２３４５６７８',
    '49\u200b151\u200b12345678',
    '7 0 1 0 2 0 3 0',
    '0612/345678',
    '06⁃12–34—56 78',
  ];
  for (const number of numbers) log.info(`called ${number} twice`, { remark: `it was ${number}.` });
  for (const [place, line] of written.entries()) {
    const { msg, remark } = JSON.parse(line);
    assert.deepEqual([msg, remark], ['called [number] twice', 'it was [number].'], numbers[place]);
  }
  log.info('at 2026-01-05T09:00:00.000Z after 12 polls in 3000 ms');
  assert.equal(JSON.parse(written.at(-1)!).msg, 'at 2026-01-05T09:00:00.000Z after 12 polls in 3000 ms');
});

describe('standard error whose reader stops', () => {
  /** A stream whose reader takes what waits only when the test lets it. */
  const stalled = () => {
    const read: string[] = [];
    let taken = () => {};
    const stream = new Writable({
      highWaterMark: 16,
      write: (chunk, _, done) => {
        read.push(String(chunk));
        taken = done;
      },
    });
    const take = () => {
      const done = taken;
      taken = () => {};
      done();
    };
    return { stream, read, take };
  };

  it('drops lines, counts them, and says so when reading goes on', async () => {
    const { stream, read, take } = stalled();
    const log = createProcessLog('info', stream, 1000);
    for (let line = 0; line < 100; line += 1) log.info('a line of about a hundred characters with its time and level', { line });
    const dropped = log.dropped();
    assert.ok(dropped > 80 && dropped < 99, `${dropped} of 100 were dropped`);
    const drained = once(stream, 'drain');
    for (let turn = 0; turn < 100; turn += 1) {
      take();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await drained;
    assert.match(read.at(-1)!, new RegExp(`the log is read again; ${dropped} log lines were dropped`));
    log.info('after');
    assert.equal(log.dropped(), dropped, 'what is read again is not dropped');
  });

  it('is waited for at the end, but not for ever', async () => {
    const { stream, read, take } = stalled();
    const log = createProcessLog('info', stream);
    for (let line = 0; line < 3; line += 1) log.warn('last words', { line });
    const before = performance.now();
    await log.flush(50);
    assert.ok(performance.now() - before < 5000);
    const flushing = log.flush(5000);
    for (let turn = 0; turn < 10; turn += 1) {
      take();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await flushing;
    assert.equal(read.length, 3);
  });

  it('that is gone ends nothing', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const log = createProcessLog('info', stream);
    log.info('one');
    await new Promise((resolve) => setImmediate(resolve));
    log.info('two');
    assert.equal(log.dropped(), 1);
  });
});
