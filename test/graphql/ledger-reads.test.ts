/** Who read the ledger stands in the audit log, however many ask the same at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomIds, systemClock } from '../../src/clock.ts';
import { openStore } from '../../src/storage/index.ts';
import { blockOf, startRecorder, startServer, storeFile } from '../support/tapegraph.ts';

test('every read of the ledger is written down with its request, also where two ask the same in one turn', async (t) => {
  const url = await storeFile(t);
  const server = await startServer(t, [blockOf(await startRecorder(t))], { store: { url } });
  const query = '{ commands { nodes { status } } }';
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-correlation-id': 'ledger-read-1' },
    body: JSON.stringify([{ query }, { query }]),
  });
  assert.deepEqual(
    ((await response.json()) as { data: unknown }[]).map(({ data }) => data),
    [{ commands: { nodes: [] } }, { commands: { nodes: [] } }],
  );
  await server.stop();
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  const rows = await store.audit.rows(0, 10);
  assert.deepEqual(
    rows.map(({ action, subject }) => [action, subject.correlationId]),
    [
      ['ledger.read', 'ledger-read-1'],
      ['ledger.read', 'ledger-read-1'],
    ],
  );
});
