import { Table, Text } from '@mantine/core';
import { type ReactNode, useCallback } from 'react';
import { useClient } from 'urql';
import { type CommandStatus, LedgerDocument, type LedgerQuery } from '../generated/graphql.ts';
import { timeWords } from './duration-words.ts';
import { commandStatusLabels, reasonLabels, wordLabel } from './labels.ts';
import { PagedList } from './paged-list.tsx';
import { type PageRequest, usePages } from './use-pages.ts';

type LedgerRow = NonNullable<LedgerQuery['commands']>['nodes'][number];

export const commandColors: Readonly<Record<CommandStatus, string>> = {
  PENDING: 'var(--muted)',
  ACCEPTED: 'var(--status-on-call)',
  CONFIRMED: 'var(--status-idle)',
  FAILED: 'var(--recording)',
};

/** Such as `Accepted in 0.3 s`. */
export const outcomeText = ({ status, requestedAt, completedAt }: Pick<LedgerRow, 'status' | 'requestedAt' | 'completedAt'>): string => {
  const seconds = completedAt === null ? null : (Date.parse(completedAt) - Date.parse(requestedAt)) / 1_000;
  return `${commandStatusLabels[status]}${seconds === null ? '' : ` in ${seconds.toFixed(1)} s`}`;
};

const Row = ({ row }: { row: LedgerRow }): ReactNode => (
  <Table.Tr>
    <Table.Td>{timeWords(row.requestedAt)}</Table.Td>
    <Table.Td>
      {wordLabel(row.operation)}
      {row.blackout ? <Text c="var(--muted)">{reasonLabels[row.blackout.reason]}</Text> : null}
    </Table.Td>
    <Table.Td dir="auto">{row.requestedBy}</Table.Td>
    <Table.Td>
      <Text fw={650} c={commandColors[row.status]}>
        {outcomeText(row)}
      </Text>
      {row.problem ? (
        <Text fz="0.9rem" c="var(--muted)">
          {row.problem.message} <code>{row.problem.code}</code>
        </Text>
      ) : null}
    </Table.Td>
  </Table.Tr>
);

/** Every request that concerned this agent, newest first, with its outcome. */
export const AgentLedger = ({ agent, news }: { agent: string; news: unknown }): ReactNode => {
  const client = useClient();
  const load = useCallback(
    async (request: PageRequest) => {
      const { data, error } = await client.query(LedgerDocument, { filter: { agent }, ...request }).toPromise();
      return { page: data?.commands, error };
    },
    [client, agent],
  );
  return (
    <PagedList pages={usePages<LedgerRow>(load, news)} empty="There were no requests for this agent.">
      {(rows) => (
        <Table.ScrollContainer minWidth={420}>
          <Table fz="1rem" verticalSpacing="xs" aria-label="Ledger">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Requested</Table.Th>
                <Table.Th>Operation</Table.Th>
                <Table.Th>By</Table.Th>
                <Table.Th>Outcome</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </PagedList>
  );
};
