import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AgentDetailQuery } from '../generated/graphql.ts';
import { clockWords, timeWords } from './duration-words.ts';
import { directionLabels } from './labels.ts';

export type PastCall = NonNullable<AgentDetailQuery['agent']>['calls']['nodes'][number];

const length = ({ startedAt, endedAt }: PastCall): string =>
  startedAt === null ? '' : endedAt === null ? 'now' : clockWords(Date.parse(endedAt) - Date.parse(startedAt));

export const AgentCalls = ({ calls }: { calls: readonly PastCall[] }): ReactNode =>
  calls.length === 0 ? (
    <Text c="var(--muted)">No calls are known of this agent.</Text>
  ) : (
    <Table.ScrollContainer minWidth={420}>
      <Table fz="1rem" verticalSpacing="xs" aria-label="Calls">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Started</Table.Th>
            <Table.Th>Direction</Table.Th>
            <Table.Th>Other side</Table.Th>
            <Table.Th>Queue</Table.Th>
            <Table.Th>Length</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {calls.map((call) => (
            <Table.Tr key={call.id}>
              <Table.Td>{call.startedAt ? timeWords(call.startedAt) : 'not known'}</Table.Td>
              <Table.Td>{directionLabels[call.direction]}</Table.Td>
              <Table.Td>{(call.direction === 'OUTBOUND' ? call.called : call.caller) ?? 'withheld'}</Table.Td>
              <Table.Td>{call.queue}</Table.Td>
              <Table.Td>{length(call)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
