import { Text } from '@mantine/core';
import { type ReactNode, useCallback } from 'react';
import { useClient } from 'urql';
import { AgentBlackoutsDocument, type AgentBlackoutsQuery } from '../generated/graphql.ts';
import { commandColors, outcomeText } from './agent-ledger.tsx';
import classes from './agent-recordings.module.css';
import { useBoard, useSelected } from './board.ts';
import { clockWords, timeWords } from './duration-words.ts';
import { confirmationLabels, endLabels, reasonLabels, warningLabels, wordLabel } from './labels.ts';
import { PagedList } from './paged-list.tsx';
import { allows } from './sources.ts';
import { type PageRequest, usePages } from './use-pages.ts';

type PastBlackout = NonNullable<AgentBlackoutsQuery['agent']>['blackouts']['nodes'][number];

const spanText = ({ startsAt, endedAt, state }: PastBlackout): string => {
  const start = timeWords(startsAt);
  if (endedAt === null) return state === 'SCHEDULED' ? `${start}, scheduled` : `since ${start}`;
  return `${start}, ${clockWords(Date.parse(endedAt) - Date.parse(startsAt))}`;
};

/** Shows what became of each command that started, extended or ended it. */
const Commands = ({ commands }: { commands: NonNullable<PastBlackout['commands']> }): ReactNode => (
  <ul className={classes.commands} aria-label="Commands">
    {commands.map((command) => (
      <li key={command.id}>
        {timeWords(command.requestedAt)} {wordLabel(command.operation)}:{' '}
        <Text span fw={650} c={commandColors[command.status]}>
          {outcomeText(command)}
        </Text>
        {command.problem ? (
          <Text c="var(--muted)">
            {command.problem.message} <code>{command.problem.code}</code>
          </Text>
        ) : null}
      </li>
    ))}
  </ul>
);

const Row = ({ blackout }: { blackout: PastBlackout }): ReactNode => {
  const { state, reason, note, confirmation, requestedBy, endedBy, warnings, exposures } = blackout;
  const facts = [
    wordLabel(state),
    confirmationLabels[confirmation].toLowerCase(),
    `requested by ${requestedBy}`,
    endedBy === null ? null : endLabels[endedBy],
  ];
  return (
    <li className={classes.row}>
      <Text fz="1.05rem" fw={650}>
        {reasonLabels[reason]}: {spanText(blackout)}
      </Text>
      <Text c="var(--muted)">{facts.filter((fact) => fact !== null).join(', ')}</Text>
      {warnings.map(({ warning, at }) => (
        <Text key={`${warning}${at}`} c="var(--recording)">
          {warningLabels[warning]}, {timeWords(at)}
        </Text>
      ))}
      {exposures.map(({ startsAt, endsAt }) => (
        <Text key={startsAt} c="var(--recording)">
          Recorded during the blackout: {timeWords(startsAt)},{' '}
          {endsAt === null ? 'still running' : clockWords(Date.parse(endsAt) - Date.parse(startsAt))}
        </Text>
      ))}
      {note ? <Text dir="auto">{note}</Text> : null}
      {blackout.commands ? <Commands commands={blackout.commands} /> : null}
    </li>
  );
};

/** Every blackout of the agent, newest first. */
export const AgentBlackouts = ({ agent, news }: { agent: string; news: unknown }): ReactNode => {
  const client = useClient();
  const withCommands = useSelected(useBoard().sources, ({ access }) => access !== null && allows(access, 'audit:read'));
  const load = useCallback(
    async (request: PageRequest) => {
      const { data, error } = await client.query(AgentBlackoutsDocument, { ref: { id: agent }, withCommands, ...request }).toPromise();
      return { page: data?.agent?.blackouts, error };
    },
    [client, agent, withCommands],
  );
  return (
    <PagedList pages={usePages<PastBlackout>(load, news)} empty="There were no blackouts of this agent.">
      {(blackouts) => (
        <ul className={classes.list} aria-label="Blackouts">
          {blackouts.map((blackout) => (
            <Row key={blackout.id} blackout={blackout} />
          ))}
        </ul>
      )}
    </PagedList>
  );
};
