import { Table } from '@mantine/core';
import { type ReactNode, useCallback } from 'react';
import { useClient } from 'urql';
import { AgentCallsDocument, type AgentCallsQuery } from '../generated/graphql.ts';
import { clockWords, timeWords } from './duration-words.ts';
import { directionLabels } from './labels.ts';
import { PagedList } from './paged-list.tsx';
import { type PageRequest, usePages } from './use-pages.ts';

type PastCall = NonNullable<AgentCallsQuery['agent']>['calls']['nodes'][number];

const lengthText = ({ startedAt, endedAt }: PastCall): string =>
  startedAt === null ? '' : endedAt === null ? 'in progress' : clockWords(Date.parse(endedAt) - Date.parse(startedAt));

const CallTable = ({ calls }: { calls: readonly PastCall[] }): ReactNode => (
  <Table.ScrollContainer minWidth={420}>
    <Table fz="1rem" verticalSpacing="xs" aria-label="Calls">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Started</Table.Th>
          <Table.Th>Direction</Table.Th>
          <Table.Th>Other party</Table.Th>
          <Table.Th>Queue</Table.Th>
          <Table.Th>Length</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {calls.map((call) => (
          <Table.Tr key={call.id}>
            <Table.Td>{call.startedAt ? timeWords(call.startedAt) : 'unknown'}</Table.Td>
            <Table.Td>{directionLabels[call.direction]}</Table.Td>
            <Table.Td dir="auto">{(call.direction === 'OUTBOUND' ? call.called : call.caller) ?? 'withheld'}</Table.Td>
            <Table.Td dir="auto">{call.queue}</Table.Td>
            <Table.Td>{lengthText(call)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

/** Every call of the agent that is known, newest first. */
export const AgentCalls = ({ agent, news }: { agent: string; news: unknown }): ReactNode => {
  const client = useClient();
  const load = useCallback(
    async (request: PageRequest) => {
      const { data, error } = await client.query(AgentCallsDocument, { ref: { id: agent }, ...request }).toPromise();
      return { page: data?.agent?.calls, error };
    },
    [client, agent],
  );
  return (
    <PagedList pages={usePages<PastCall>(load, news)} empty="No calls of this agent are known.">
      {(calls) => <CallTable calls={calls} />}
    </PagedList>
  );
};
