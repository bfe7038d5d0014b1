/** Mercurius with JIT over the same database as ours, with a DataLoader a request for calls and for agents. */
import { DatabaseSync } from 'node:sqlite';
import DataLoader from 'dataloader';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import pg from 'pg';
import { ready } from './vendor.mjs';

const { STORE } = process.env;
const page = (source, limit) => `select data from recordings where source = ${source} order by sort_ms desc, id desc limit ${limit}`;

const openSqlite = (path) => {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec('pragma cache_size = -32000; pragma mmap_size = 268435456');
  const pageOf = database.prepare(page('?', '?'));
  const byIds = Object.fromEntries(
    ['calls', 'agents'].map((table) => [
      table,
      database.prepare(`select id, data from ${table} where id in (select value from json_each(?))`),
    ]),
  );
  return {
    page: async (source, first) => pageOf.all(source, first),
    byIds: async (table, ids) => byIds[table].all(JSON.stringify(ids)),
  };
};

const openPostgres = (url) => {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  return {
    page: async (source, first) => (await pool.query(page('$1', '$2'), [source, first])).rows,
    byIds: async (table, ids) => (await pool.query(`select id, data from ${table} where id = any($1)`, [ids])).rows,
  };
};

const database = STORE.startsWith('sqlite:') ? openSqlite(STORE.slice('sqlite:'.length)) : openPostgres(STORE);
const parsed = ({ data }) => JSON.parse(data);
const loaderOf = (table) =>
  new DataLoader(async (ids) => {
    const rows = new Map((await database.byIds(table, [...new Set(ids)])).map((row) => [row.id, parsed(row)]));
    return ids.map((id) => rows.get(id) ?? null);
  });

const app = Fastify();
app.register(mercurius, {
  jit: 1,
  schema: `
    type Query { recordings(first: Int!, source: String!): RecordingConnection! }
    type RecordingConnection { nodes: [Recording!]! }
    type Recording { externalId: String! state: String! startedAt: String fileName: String call: Call agent: Agent }
    type Call { externalId: String! state: String! caller: String }
    type Agent { externalId: String! name: String }
  `,
  context: () => ({ calls: loaderOf('calls'), agents: loaderOf('agents') }),
  resolvers: {
    Query: { recordings: async (_, { source, first }) => ({ nodes: (await database.page(source, first)).map(parsed) }) },
    Recording: {
      call: ({ source, call }, _, { calls }) => (call === null ? null : calls.load(`${source}:${call}`)),
      agent: ({ source, agent }, _, { agents }) => (agent === null ? null : agents.load(`${source}:${agent}`)),
    },
  },
});
await app.listen({ port: 0, host: '127.0.0.1' });
ready(app.server.address().port);
