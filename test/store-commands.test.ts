/** Tests the commands for operators of a store: restore, replay, erase, complete. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { completionScript } from '../src/cli/completion.ts';
import { commands } from '../src/cli/index.ts';
import { readCommandLine } from '../src/cli/read.ts';
import { replayDeadLetters } from '../src/cli/replay.ts';
import { readConfiguration } from '../src/config/load.ts';
import { storedLetter } from '../src/domain/observe/dead-letters.ts';
import { randomIds, systemClock } from '../src/lib/clock.ts';
import { backupStore, restoreStore } from '../src/storage/backup.ts';
import { openStore, verifyAudit } from '../src/storage/index.ts';
import { vendorModules } from '../src/vendors/registry.ts';
import { agent, at } from './storage/stores.ts';
import { createListLog } from './support/list-log.ts';
import { runTapegraph } from './support/program.ts';
import { createTestDatabase, type TestDatabase } from './support/services.ts';
import { testFolder } from './support/test-folder.ts';
import { sample } from './vendors/tencent/fixture.ts';

const folder = testFolder();
const open = (url: string) => openStore(url, { clock: systemClock, ids: randomIds });

describe('restore', () => {
  const path = join(folder, 'store.db');
  const url = `sqlite:${path}`;
  const copy = join(folder, 'copy.db');
  const file = join(folder, 'store.yaml');
  const write = async (id: string) => {
    const store = await open(url);
    await store.agents.put([agent(id)]);
    await store.audit.append([{ at: at(0), actor: 'board', action: 'test', subject: { id } }]);
    await store.close();
  };
  const agents = async (where: string) => {
    const store = await open(where);
    const found = (await store.agents.all(['hq'])).map(({ externalId }) => externalId);
    await store.close();
    return found;
  };
  const verify = async (where: string) => {
    const store = await open(where);
    const verdict = await verifyAudit(store);
    await store.close();
    return verdict;
  };
  const restore = (from: string) => restoreStore({ url, file: from, nowMs: Date.now(), verify });
  const refused = (code: string, pattern: RegExp) => (error: unknown) => {
    assert.equal((error as { code: string }).code, code);
    assert.match((error as Error).message, pattern);
    return true;
  };

  before(async () => {
    writeFileSync(
      file,
      `store: { url: "${url}" }\nsources: [{ name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:9", timeZone: UTC }]\n`,
    );
    await write('before');
    await backupStore(url, copy);
    await write('later');
  });

  it('refuses in a line what is no backup, and leaves the store as it is', async () => {
    const text = join(folder, 'text.db');
    writeFileSync(text, 'this was never a database. '.repeat(300));
    await assert.rejects(restore(join(folder, 'none.db')), refused('NOT_FOUND', /There is no backup .*none\.db/));
    await assert.rejects(restore(text), refused('CONFLICT', /text\.db is damaged or not a SQLite database/));
    await assert.rejects(restore(folder), refused('INVALID_INPUT', /is a directory; name a backup in it/));
    const foreign = join(folder, 'foreign.db');
    new DatabaseSync(foreign).exec('create table agents (name text)');
    await assert.rejects(restore(foreign), refused('CONFLICT', /foreign\.db is not a store of Tapegraph/));
    for (const file of [text, foreign])
      await assert.rejects(backupStore(`sqlite:${file}`, join(folder, 'new.db')), refused('CONFLICT', /\.db is /));
    await assert.rejects(restore(path), refused('INVALID_INPUT', /is the store itself/));
    const broken = join(folder, 'broken.db');
    copyFileSync(copy, broken);
    execFileSync(process.execPath, [
      '-e',
      `new (require('node:sqlite').DatabaseSync)(${JSON.stringify(broken)}).exec("update audit set actor = 'x'")`,
    ]);
    await assert.rejects(restore(broken), refused('CONFLICT', /audit trail is broken at row 1/));
    const postgres = { url: 'postgres://127.0.0.1/x', file: copy, nowMs: 0, verify };
    await assert.rejects(restoreStore(postgres), refused('UNSUPPORTED', /pg_restore/));
    assert.deepEqual(await agents(url), ['before', 'later']);
    assert.ok(!existsSync(`${path}.restoring`));
    const { code, out, err } = await runTapegraph(['restore', text, '--config', file]);
    assert.deepEqual([code, out, err.split('\n').length], [1, '', 2], err);
  });

  it('refuses commands on a store that is not there, which would make an empty one', async () => {
    const absent = join(folder, 'absent.yaml');
    writeFileSync(
      absent,
      `store: { url: "sqlite:${folder}/absent.db" }\nsources: [{ name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:9", timeZone: UTC }]\n`,
    );
    const words = [
      ...[
        ['audit', 'verify'],
        ['dead-letters', 'list'],
        ['dead-letters', 'show', '1'],
        ['dead-letters', 'replay', 'all'],
      ],
      ...[
        ['erase', '--agent', 'hq:1'],
        ['backup', join(folder, 'new.db')],
        ['migrate', '--to', `sqlite:${folder}/new.db`],
      ],
    ];
    for (const command of words) {
      const parsed = readCommandLine([...command, '--config', absent]);
      assert.ok('command' in parsed);
      await assert.rejects(
        parsed.command.run(parsed.flags),
        refused('NOT_FOUND', /There is no database file at the path that store\.url names; correct it/),
      );
    }
    assert.ok(!existsSync(join(folder, 'absent.db')));
  });

  it('refuses a URL of --to that is none, without its password', async () => {
    for (const [url, rule] of [
      ['mysql://x', 'or start with postgres://'],
      ['postgres://u:hu#sh@127.0.0.1/x', 'percent-encoding'],
    ] as const) {
      const parsed = readCommandLine(['migrate', '--to', url, '--config', file]);
      assert.ok('command' in parsed);
      await assert.rejects(parsed.command.run(parsed.flags), ({ name, message }: Error) => {
        assert.ok(name === 'UsageError' && message.startsWith('--to ') && message.includes(rule) && !message.includes('sh@'), message);
        return true;
      });
    }
  });

  it('refuses while a server uses the store', async () => {
    const store = await open(url);
    await store.leases.acquire('observe:hq', 'one', 60_000);
    await assert.rejects(restore(copy), refused('CONFLICT', /A server uses the store; stop it first/));
    await store.leases.release('observe:hq', 'one');
    await store.close();
  });

  it('puts the backup in the place of the store, which is kept beside it', async () => {
    const { code, out, err } = await runTapegraph(['restore', copy, '--config', file]);
    assert.deepEqual([code, out, err], [0, `restored: the audit trail of 1 rows is whole\nthe former store is ${path}.replaced\n`, '']);
    assert.deepEqual(await agents(url), ['before']);
    assert.deepEqual(await agents(`sqlite:${path}.replaced`), ['before', 'later']);
    await assert.rejects(restore(copy), refused('CONFLICT', /\.replaced is there from an earlier restore/));
  });
});

for (const kind of ['SQLite', 'PostgreSQL'] as const) {
  describe(`dead letters in ${kind}`, () => {
    let database: TestDatabase | null = null;
    let url = '';
    before(async () => {
      database = kind === 'SQLite' ? null : await createTestDatabase();
      url = database?.url ?? `sqlite:${join(folder, 'letters.db')}`;
    });
    after(() => database?.drop());
    const sources = [
      { name: 'desk', vendor: 'tencent', sdkAppId: 1400264214, push: { auth: { type: 'basic', username: 'tccc', password: 'x' } } },
      { name: 'hq', vendor: 'uptivity', baseUrl: 'http://127.0.0.1:9', timeZone: 'UTC' },
    ];
    const replay = (id: string | null) =>
      replayDeadLetters(
        readConfiguration({ store: { url }, sources }, { modules: vendorModules, environment: {}, where: 'the test' }),
        id,
        createListLog().log,
      );
    const add = async (source: string, letterKind: string, body: string) => {
      const store = await open(url);
      const { reason, body: stored } = storedLetter({ kind: letterKind, reason: 'why', body: Buffer.from(body) });
      await store.deadLetters.add({ source, at: new Date().toISOString(), reason, body: stored });
      const { id } = (await store.deadLetters.list(10)).at(-1)!;
      await store.close();
      return id;
    };

    it('that can be read now are taken in, and are no dead letters any more', async () => {
      const id = await add('desk', 'push CDR', sample('cdr'));
      assert.deepEqual(await replay(id), [{ id, fault: null }]);
      const store = await open(url);
      const [call] = await store.calls.byKeys([{ source: 'desk', externalId: 'e97be0ab-1ef6-4ad2-a8c4-2b2bbfb18e55' }]);
      assert.equal(call?.state, 'ENDED');
      assert.deepEqual(
        (await store.events.after(0, 10)).map(({ entityType, key }) => [entityType, key]).filter(([type]) => type === 'call'),
        [['call', 'e97be0ab-1ef6-4ad2-a8c4-2b2bbfb18e55']],
      );
      assert.equal(await store.deadLetters.count('desk'), 0);
      await store.close();
      await assert.rejects(replay(id), { code: 'NOT_FOUND', message: /no dead letter of this id/ });
    });

    it('that still cannot be read stay, each with its reason, and do not keep the others from it', async () => {
      const first = await add('desk', 'push CDR', '{"half');
      const second = await add('gone', 'push CDR', sample('cdr'));
      const third = await add('hq', 'push', '{}');
      const last = await add('desk', 'push record', sample('record'));
      const results = await replay(null);
      assert.deepEqual(
        results.map(({ id, fault }) => [id, fault === null]),
        [
          [first, false],
          [second, false],
          [third, false],
          [last, true],
        ],
      );
      assert.match(results[0]!.fault!, /^desk: this push CDR is still .*; it stays a dead letter\.$/);
      assert.match(results[1]!.fault!, /^gone: the configuration has no such source/);
      assert.match(results[2]!.fault!, /^hq: its vendor has no dead letters to replay/);
      const store = await open(url);
      assert.deepEqual((await store.deadLetters.list(10)).map(({ id }) => id).sort(), [first, second, third].sort());
      await store.close();
    });
  });
}

describe('the program', () => {
  it('replays, shows and erases what is in the store, a line each', async () => {
    const file = join(folder, 'program.yaml');
    const url = `sqlite:${join(folder, 'program.db')}`;
    const source = '{ name: desk, vendor: tencent, sdkAppId: 1400264214, push: { auth: { type: basic, username: tccc, password: x } } }';
    writeFileSync(file, `store: { url: "${url}" }\nsources: [${source}]\n`);
    const store = await open(url);
    await store.deadLetters.add({ source: 'desk', at: at(0), reason: 'push CDR: why', body: '{"half' });
    const [{ id } = { id: '' }] = await store.deadLetters.list(1);
    await store.agents.put([agent('a@example.com', { source: 'desk', email: 'a@example.com' })]);
    await store.close();
    const run = (...words: string[]) => runTapegraph([...words, '--config', file]);

    const replayed = await run('dead-letters', 'replay', 'all');
    assert.deepEqual([replayed.code, replayed.err], [1, '']);
    assert.match(replayed.out, new RegExp(`^${id}  desk: this push CDR is still [^\\n]*\\n$`));
    assert.equal((await run('dead-letters', 'show', id)).out, '{"half');

    const erased = await run('erase', '--agent', 'desk:a@example.com');
    assert.deepEqual([erased.code, erased.err], [0, '']);
    assert.match(erased.out, /^erased in: 1 agent\nnot covered: what the vendor keeps/);
    const mistyped = await run('erase', '--agent', 'deks:a@example.com');
    assert.deepEqual([mistyped.code, mistyped.out], [1, '']);
    assert.match(mistyped.err, /no source named deks/);
    assert.match((await run('audit', 'verify')).out, /is whole: 1 rows/);
  });

  for (const [words, message] of [
    ['erase', 'tapegraph erase needs either --number or --agent.'],
    ['erase --number 1 --agent hq:1', 'tapegraph erase needs either --number or --agent.'],
    ['erase --agent hq', '--agent must be SOURCE:ID, or the id of an agent in the API.'],
  ] as const)
    it(`${words}: ${message}`, async () => {
      const parsed = readCommandLine(words.split(' '));
      assert.ok('command' in parsed);
      await assert.rejects(parsed.command.run(parsed.flags), { name: 'UsageError', message });
    });
});

describe('completion', () => {
  /** Returns the completions that bash offers after these words. */
  const offered = (...words: string[]): string[] => {
    const script = `${completionScript('bash', commands)}
      COMP_WORDS=(tapegraph ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
      _tapegraph; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  };

  it('in bash offers commands, their second words, their options and files', () => {
    const first = new Set(Object.keys(commands).map((name) => name.split(' ')[0]!));
    assert.deepEqual(offered(''), [...first, 'help', '--help', '--version']);
    assert.deepEqual(offered('dead'), ['dead-letters']);
    assert.deepEqual(offered('dead-letters', ''), ['list', 'show', 'replay']);
    assert.deepEqual(offered('audit', 'verify', '--'), ['--config', '--help']);
    assert.deepEqual(offered('completion', ''), ['bash', 'zsh', '--help']);
    assert.deepEqual(offered('start', '--config', 'store.y'), ['store.yaml']);
    assert.deepEqual(offered('restore', 'cop'), ['copy.db']);
    for (const [name, { options }] of Object.entries(commands))
      assert.deepEqual(offered(...name.split(' '), '--'), [...options.map((option) => `--${option}`), '--help'], name);
  });

  it('in zsh names every command and option', () => {
    const script = completionScript('zsh', commands);
    assert.match(script, /^#compdef tapegraph\n/);
    for (const [name, { options }] of Object.entries(commands)) {
      const line = script.split('\n').find((one) => one.trimStart().startsWith(`'${name}'|`))!;
      for (const option of options) assert.ok(line.includes(` --${option} `), `${name} --${option}`);
    }
  });

  const hasZsh = spawnSync('zsh', ['-c', ':']).status === 0;
  it('in zsh offers the same as in bash', { skip: hasZsh ? false : 'zsh is not installed on this machine' }, () => {
    const inZsh = (...words: string[]): string[] => {
      const script = `compdef() { :; }; compadd() { shift; print -l -- "$@"; }; _files() { print FILES; }
        ${completionScript('zsh', commands)}
        words=(tapegraph ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length + 1}; _tapegraph`;
      return execFileSync('zsh', ['-f', '-c', script], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
    };
    assert.deepEqual(inZsh('start', '--config', ''), ['FILES']);
    assert.deepEqual(inZsh('restore', ''), ['--config', '--help', 'FILES']);
    for (const words of ['', 'help', 'dead-letters', 'audit', 'completion', ...Object.keys(commands)]) {
      const before = words === '' ? [] : words.split(' ');
      const files = new Set(readdirSync(folder));
      assert.deepEqual(
        inZsh(...before, '').filter((word) => word !== 'FILES'),
        offered(...before, '').filter((word) => !files.has(word)),
        words,
      );
    }
  });

  it('is refused for an unknown shell', () => {
    assert.throws(() => completionScript('fish', commands), {
      name: 'UsageError',
      message: 'tapegraph has no completion for "fish"; use bash or zsh.',
    });
  });
});
