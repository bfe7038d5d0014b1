import { Loader, Table, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useQuery } from 'urql';
import { type CommandStatus, LedgerDocument } from '../generated/graphql.ts';
import { timeWords } from './duration-words.ts';
import { commandStatusLabels, wordLabel } from './labels.ts';

const colors: Readonly<Record<CommandStatus, string>> = {
  PENDING: 'var(--muted)',
  ACCEPTED: 'var(--status-on-call)',
  CONFIRMED: 'var(--status-idle)',
  FAILED: 'var(--recording)',
};

const tookWords = (requestedAt: string, completedAt: string | null): string =>
  completedAt === null ? '' : ` in ${((Date.parse(completedAt) - Date.parse(requestedAt)) / 1_000).toFixed(1)} s`;

/** Every request that concerned this agent, newest first. `news` is anything that changes when there may be more. */
export const AgentLedger = ({ agent, news }: { agent: string; news: unknown }): ReactNode => {
  const [{ data, error }, ask] = useQuery({ query: LedgerDocument, variables: { filter: { agent }, first: 25 } });
  // biome-ignore lint/correctness/useExhaustiveDependencies: news means that the ledger has grown
  useEffect(() => ask({ requestPolicy: 'network-only' }), [news]);
  if (!data?.commands)
    return error ? (
      <Text role="alert">{error.graphQLErrors[0]?.message ?? 'The server did not answer.'}</Text>
    ) : (
      <Loader aria-label="Loading" />
    );
  const { nodes } = data.commands;
  if (nodes.length === 0) return <Text c="var(--muted)">Nothing was asked for yet.</Text>;
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table fz="1rem" verticalSpacing="xs" aria-label="Ledger">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Asked</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Outcome</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {nodes.map(({ id, operation, status, requestedAt, completedAt, requestedBy, problem }) => (
            <Table.Tr key={id}>
              <Table.Td>{timeWords(requestedAt)}</Table.Td>
              <Table.Td>{wordLabel(operation)}</Table.Td>
              <Table.Td>{requestedBy}</Table.Td>
              <Table.Td>
                <Text fw={650} c={colors[status]}>
                  {commandStatusLabels[status]}
                  {tookWords(requestedAt, completedAt)}
                </Text>
                {problem ? (
                  <Text fz="0.9rem" c="var(--muted)">
                    {problem.message} <code>{problem.code}</code>
                  </Text>
                ) : null}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
};
