/** Checks the store after a soak. */

import assert from 'node:assert/strict';
import type { LiveEvent } from '../../src/domain/model/events.ts';
import { parseNodeId } from '../../src/domain/model/ids.ts';
import type { AuditRow, Store } from '../../src/domain/ports/store.ts';
import { verifyAudit } from '../../src/storage/index.ts';

const pageRows = 1000;

/** Everything from the start of the log. */
export const wholeLog = async ({ events }: Pick<Store, 'events'>): Promise<readonly LiveEvent[]> => {
  const log: LiveEvent[] = [];
  for (;;) {
    const page = await events.after(log.at(-1)?.id ?? 0, pageRows);
    log.push(...page);
    if (page.length < pageRows) return log;
  }
};

const wholeTrail = async ({ audit }: Pick<Store, 'audit'>): Promise<readonly AuditRow[]> => {
  const trail: AuditRow[] = [];
  for (;;) {
    const page = await audit.rows(trail.length, pageRows);
    trail.push(...page);
    if (page.length < pageRows) return trail;
  }
};

/** The trail is whole and tells of every command once, as it stands, and none is left undecided; the log has no hole. */
export const checkLedger = async (store: Store, blackouts: Iterable<string>): Promise<void> => {
  const { fault } = await verifyAudit(store);
  assert.equal(fault, null, 'the audit trail is whole');
  const statuses = new Map<string, string>();
  for (const { action, subject } of await wholeTrail(store)) {
    const { command, from, to } = subject as { command: string; from?: string; to?: string };
    if (action === 'command.requested') {
      assert.ok(!statuses.has(command), `${command} is requested twice`);
      statuses.set(command, 'PENDING');
    } else if (action === 'command.settled') {
      assert.equal(from, statuses.get(command), `what ${command} was before`);
      statuses.set(command, to!);
    }
  }
  const ids = [...statuses.keys()];
  const rows = await store.commands.byIds(ids);
  assert.deepEqual(Object.fromEntries(rows.map((row, place) => [ids[place], row?.status])), Object.fromEntries(statuses));
  assert.equal(await store.commands.count({}, 10_000), ids.length, 'every command is in the trail');
  assert.deepEqual(
    rows.filter((row) => row?.status === 'PENDING'),
    [],
    'commands of which nobody knows what came',
  );

  const begun = await store.blackouts.byIds([...blackouts].map((id) => parseNodeId(id)!.rest));
  const open = begun.filter((row) => row === null || (row.state !== 'ENDED' && row.state !== 'FAILED'));
  assert.deepEqual(open, [], 'blackouts that are lost or not over');

  const log = await wholeLog(store);
  const hole = log.find(({ id }, place) => id !== place + 1);
  assert.equal(hole, undefined, 'the log has a hole');
};
