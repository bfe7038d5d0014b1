/** Tests that a server that cannot start prints one line: the thing, the rule and the remedy; before any work, and without a secret. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { Connection } from 'rabbitmq-client';
import { assertCanStart } from '../src/cli/start-checks.ts';
import { assertCanListen } from '../src/cli/start-errors.ts';
import { loadConfiguration } from '../src/config/load.ts';
import { checkBus } from '../src/events/index.ts';
import { backupStore } from '../src/storage/backup.ts';
import { checkStore, openStore } from '../src/storage/index.ts';
import { checkPostgres } from '../src/storage/postgres.ts';
import { createManualClock } from '../src/vendors/kit/testing/manual-clock.ts';
import { vendorModules } from '../src/vendors/registry.ts';
import { runTapegraph } from './support/program.ts';
import { createTestDatabase, rabbitUrl, type TestDatabase } from './support/services.ts';

const tools = { clock: createManualClock(), ids: { next: () => 'id' } };
const folder = mkdtempSync(join(tmpdir(), 'starting-'));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A port at which `answer` is all that a connection gets. */
const listening = async (answer: (socket: Socket) => void): Promise<number> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** A port that was free a moment ago. */
const closedPort = async (): Promise<number> => {
  const port = await listening(() => undefined);
  await new Promise((done) => servers.pop()!.close(done));
  return port;
};

/** PostgreSQL's answer to a connection that it refuses. */
const refusal = (code: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0C${code}\0Mrefused\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
};

/** One line that matches, and no secret. */
const oneLine = (pattern: RegExp) => (error: unknown) => {
  const { message } = error as Error;
  assert.match(message, pattern);
  assert.doesNotMatch(message, /hush|\n/);
  return true;
};

describe('the program', () => {
  it('tells all that is wrong in a line each and ends with 1, at a start and before one', async () => {
    const [taken, closed] = [await listening(() => undefined), await closedPort()];
    const file = join(folder, 'tapegraph.yaml');
    writeFileSync(
      file,
      `server: { port: ${taken} }
store: { url: "postgres://me:hush@127.0.0.1:${closed}/x" }
bus: { url: "amqp://me:hush@127.0.0.1:${closed}" }
sources: [{ name: hq, vendor: uptivity, baseUrl: "http://127.0.0.1:9", timeZone: UTC }]
`,
    );
    const expected = [
      `Port ${taken} on 127.0.0.1 is in use (EADDRINUSE): stop the program that listens there, or choose another with --port or server.port.`,
      `The database: nothing listens at 127.0.0.1:${closed}; start PostgreSQL there, or correct host and port (ECONNREFUSED).`,
      `The broker: nothing listens at 127.0.0.1:${closed}; start RabbitMQ there, or correct host and port (ECONNREFUSED).`,
    ];
    for (const command of ['start', 'check-config'])
      assert.deepEqual(await runTapegraph([command, '--config', file]), { code: 1, out: '', err: `${expected.join('\n')}\n` }, command);
    const offline = await runTapegraph(['check-config', '--offline', '--config', file]);
    assert.deepEqual(offline, { code: 0, out: `valid: 1 source (hq), listening on 127.0.0.1:${taken}\n`, err: '' });
    for (const words of [['migrate'], ['audit', 'verify'], ['dead-letters', 'list']])
      assert.deepEqual(await runTapegraph([...words, '--config', file]), { code: 1, out: '', err: `${expected[1]}\n` }, words.join(' '));
  });
});

describe('the address', () => {
  for (const [host, pattern] of [
    ['192.0.2.1', /^192\.0\.2\.1 is not an address of this machine \(EADDRNOTAVAIL\): set server\.host/],
    ['fe80::1', /^(The server cannot listen at fe80::1, port 0 \(EINVAL\)|.*EADDRNOTAVAIL|.*EAFNOSUPPORT)/],
    ['nowhere.invalid', /^nowhere\.invalid (is not a known name \(ENOTFOUND\)|.*EAI_AGAIN)/],
  ] as const)
    it(`${host} is refused`, () => assert.rejects(assertCanListen(host, 0), oneLine(pattern)));
});

describe('a database file', () => {
  const path = (...names: string[]) => join(folder, ...names);
  before(() => {
    writeFileSync(path('file'), 'x');
    mkdirSync(path('directory'));
  });

  const refused = async (file: string, pattern: RegExp) => {
    await assert.rejects(checkStore(`sqlite:${file}`), oneLine(pattern));
    await assert.rejects(openStore(`sqlite:${file}`, tools), oneLine(pattern));
  };

  it('below a file is refused', () => refused(path('file', 'a', 'b.db'), /\/file is a file and cannot contain .*b\.db; use a path/));
  it('that is a directory is refused', () => refused(path('directory'), /\/directory is a directory; name a file in it, such as sqlite:/));
  if (existsSync('/proc/self'))
    it('where nothing can ever be made is refused, and does not hang', () =>
      refused('/proc/x/y/z.db', /nothing can be created in the directory \/proc; .* or use another path \(ENOENT\)/));

  it('that may be made is made by no check', async () => {
    await checkStore(`sqlite:${path('directory', 'new', 'a.db')}`);
    assert.deepEqual(readdirSync(path('directory')), []);
    await (await openStore(`sqlite:${path('directory', 'new', 'a.db')}`, tools)).close();
    await checkStore(`sqlite:${path('directory', 'new', 'a.db')}`);
  });

  it('that is no file, or of another program, is refused', async () => {
    await refused('/dev/null', /\/dev\/null is a device or a pipe; use the path of a file/);
    await refused(`${path('new')}/`, /\/new is a directory; name a file in it/);
    await refused(path('x'.repeat(300)), /the path is too long; use a shorter one \(ENAMETOOLONG\)/);
    const foreign = new DatabaseSync(path('foreign.db'));
    foreign.exec('create table customers (name text)');
    await refused(path('foreign.db'), /another program's \(it contains a table customers\); use an empty one/);
    assert.deepEqual(foreign.prepare('select name from sqlite_master').all().length, 1);
    foreign.close();
  });

  it('that is damaged, or is none, is found by a check', () => {
    writeFileSync(path('text.db'), 'this was never a database. '.repeat(200));
    return assert.rejects(checkStore(`sqlite:${path('text.db')}`), oneLine(/text\.db is damaged or not a SQLite database/));
  });

  it('is backed up only to where something can be written', async () => {
    const store = path('store.db');
    await (await openStore(`sqlite:${store}`, tools)).close();
    await assert.rejects(backupStore(`sqlite:${store}`, path('file', 'copy.db')), oneLine(/\/file is a file/));
    await assert.rejects(backupStore(`sqlite:${store}`, path('nowhere', 'copy.db')), oneLine(/no directory .*nowhere/));
  });

  if (process.getuid?.() === 0) {
    /** Without root's rights. */
    const asNobody = async (work: () => Promise<void>) => {
      process.seteuid!(65_534);
      try {
        await work();
      } finally {
        process.seteuid!(0);
      }
    };
    it('and a port that this user may not have are refused', async () => {
      const least = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
      await asNobody(async () => {
        await assert.rejects(checkStore(`sqlite:${path('directory', 'b.db')}`), oneLine(/nothing can be created|cannot be read.*EACCES/));
        if (least > 1)
          await assert.rejects(assertCanListen('127.0.0.1', 1), oneLine(/^Permission to listen on port 1 is denied \(EACCES\)/));
      });
    });
  }
});

describe('PostgreSQL', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  const at = (change: Partial<Pick<URL, 'pathname' | 'port' | 'username' | 'search'>>) => Object.assign(new URL(database.url), change).href;

  it('that is as it should be is passed, and left as it is', async () => {
    await checkStore(database.url);
    assert.deepEqual((await database.query("select 1 from information_schema.tables where table_schema = 'public'")).rows, []);
  });

  it('without the database, the role or TLS is reported', async () => {
    await assert.rejects(checkStore(at({ pathname: '/nope' })), oneLine(/has no database nope; create it \(createdb nope\).*\(3D000\)/));
    await assert.rejects(openStore(at({ pathname: '/nope' }), tools), oneLine(/has no database nope/));
    await assert.rejects(checkStore(at({ username: 'no%20body' })), oneLine(/no body.*\((28000|28P01)\)/));
  });

  it('whose role may not create tables, or not write to them, is reported', async () => {
    const role = `low_${randomUUID().replaceAll('-', '')}`;
    const asRole = at({ search: `?options=-c%20role%3D${role}` });
    await database.query(`create role ${role}; revoke create on schema public from public`);
    try {
      await assert.rejects(checkStore(asRole), oneLine(/may not create tables in .*GRANT CREATE.*\(42501\)/));
      await (await openStore(database.url, tools)).close();
      await database.query(`grant select on all tables in schema public to ${role}`);
      await assert.rejects(checkStore(asRole), oneLine(/or not use those that are there.*\(42501\)/));
      await database.query(`grant select, insert, update, delete on all tables in schema public to ${role}`);
      await checkStore(asRole);
    } finally {
      await database.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('that accepts no writes, or holds the tables of another program, is reported', async () => {
    const readOnly = at({ search: '?options=-c%20default_transaction_read_only%3Don' });
    await assert.rejects(checkStore(readOnly), oneLine(/accepts no writes.*use the primary.*\(25006\)/));
    const foreign = await createTestDatabase();
    try {
      await foreign.query('create table customers (name text); create schema crm; create table crm.agents (name text)');
      await checkStore(foreign.url);
      await foreign.query('create table agents (name text)');
      await assert.rejects(checkStore(foreign.url), oneLine(/another program's \(it contains a table agents\); use an empty one/));
      await assert.rejects(openStore(foreign.url, tools), oneLine(/another program's/));
    } finally {
      await foreign.drop();
    }
  });

  it('that is newer than this program is reported', async () => {
    await (await openStore(database.url, tools)).close();
    await database.query("insert into kysely_migration (name, timestamp) values ('9999-later', '')");
    await assert.rejects(checkStore(database.url), oneLine(/newer version of this program.*9999-later/));
  });

  for (const [code, pattern] of [
    ['28P01', /refuses the password of me; correct it, percent-encoded \(28P01\)/],
    ['53300', /accepts no more connections/],
    ['57P03', /is starting or stopping/],
  ] as const) {
    it(`that answers ${code} is reported`, async () => {
      const port = await listening((socket) => socket.once('data', () => socket.end(refusal(code))));
      await assert.rejects(checkStore(`postgres://me:hush@127.0.0.1:${port}/x`), oneLine(pattern));
    });
  }

  it('that never answers, or is none, is reported in time', async () => {
    const silent = await listening(() => undefined);
    await assert.rejects(
      checkPostgres(`postgres://me:hush@127.0.0.1:${silent}/x`, 200),
      oneLine(/127\.0\.0\.1:\d+ does not answer; start Post/),
    );
    const other = await listening((socket) => socket.destroy());
    await assert.rejects(checkPostgres(`postgres://me:hush@127.0.0.1:${other}/x`, 2_000), oneLine(/closed the connection|does not answer/));
  });
});

describe('the broker', () => {
  it('that is as it should be is passed, and none is required for the bus in the process', async () => {
    const url = await rabbitUrl();
    const exchange = `check-${randomUUID()}`;
    await checkBus(url, { exchange });
    const connection = new Connection(url);
    await assert.rejects(connection.exchangeDeclare({ exchange, passive: true }), { code: 'NOT_FOUND' });
    await connection.close();
    await checkBus('memory:');
  });

  it('that refuses the user or has no such virtual host is reported', async () => {
    const url = new URL(await rabbitUrl());
    await assert.rejects(
      checkBus(Object.assign(new URL(url), { password: 'hush' }).href),
      oneLine(/refuses the user name or password.*ACCESS_R/),
    );
    await assert.rejects(
      checkBus(Object.assign(new URL(url), { pathname: '/nope' }).href),
      oneLine(/has no virtual host nope.*\(NOT_ALLOWED\)/),
    );
  });

  it('that lacks a right for this user, or has the exchange otherwise, is reported', async () => {
    const url = await rabbitUrl();
    // RabbitMQ lets nobody make names that begin so.
    await assert.rejects(
      checkBus(url, { exchange: 'amq.mine' }),
      oneLine(/the user lacks rights on .* begins with amq\.mine .*\(ACCESS_REFUSED\)/),
    );
    const connection = new Connection(url);
    const exchange = `check-${randomUUID()}`;
    await connection.exchangeDeclare({ exchange, type: 'fanout' });
    await assert.rejects(
      checkBus(url, { exchange }),
      oneLine(/has an exchange check-.* that is not a durable topic.*\(PRECONDITION_FAILED\)/),
    );
    await connection.exchangeDelete({ exchange });
    await connection.close();
  });

  it('that speaks another protocol is reported', async () => {
    const port = await listening((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await assert.rejects(
      checkBus(`amqp://me:hush@127.0.0.1:${port}`),
      oneLine(/127\.0\.0\.1:\d+ does not speak AMQP; correct host and port/),
    );
  });

  it('that never answers, or is none, is reported in time', async () => {
    const silent = await listening(() => undefined);
    await assert.rejects(
      checkBus(`amqp://me:hush@127.0.0.1:${silent}`, {}, 200),
      oneLine(/127\.0\.0\.1:\d+ does not answer; start RabbitMQ/),
    );
    const other = await listening((socket) => socket.destroy());
    await assert.rejects(checkBus(`amqp://me:hush@127.0.0.1:${other}`, {}, 2_000), oneLine(/closed the connection; correct host and port/));
  });
});

describe('a certificate that a source names', () => {
  const faultOf = async (caFile: string): Promise<string> => {
    const file = join(folder, 'certificate.yaml');
    writeFileSync(file, `sources: [{ name: hq, vendor: uptivity, baseUrl: "https://127.0.0.1", timeZone: UTC, caFile: "\${CA}" }]\n`);
    return loadConfiguration(file, vendorModules, { CA: caFile }).then(
      () => '',
      (error: Error) => error.message,
    );
  };

  it('must be there and be one', async () => {
    writeFileSync(join(folder, 'text.pem'), 'hush');
    assert.match(await faultOf(join(folder, 'none.pem')), /sources\.0\.caFile: .*none\.pem: there is no such file; correct the path/);
    assert.match(await faultOf(folder), /it is a directory/);
    assert.match(await faultOf(join(folder, 'text.pem')), /it contains no certificate; use a PEM file/);
  });
});

it('a start looks at all of it at once', async () => {
  const closed = await closedPort();
  const where = { server: { host: '127.0.0.1', port: 0 }, store: { url: 'sqlite::memory:' }, bus: { url: `amqp://127.0.0.1:${closed}` } };
  await assert.rejects(assertCanStart(where as never), oneLine(/^The broker: nothing listens/));
});
