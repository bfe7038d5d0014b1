import { Button, Drawer, Group, Loader, Tabs, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useEffect, useMemo } from 'react';
import { useQuery } from 'urql';
import { AgentDetailDocument } from '../generated/graphql.ts';
import { useOfferedActions } from './agent-actions.ts';
import { AgentCalls } from './agent-calls.tsx';
import { AgentLedger } from './agent-ledger.tsx';
import { AgentRecordings } from './agent-recordings.tsx';
import { Lamps } from './agent-tile.tsx';
import { useAgentView, useBoard, useStore } from './board.ts';
import type { Action, ActionTarget } from './control.ts';
import { timeWords } from './duration-words.ts';
import { statusLabels } from './labels.ts';
import { type AgentView, agentName, type Source } from './live-types.ts';
import { can } from './sources.ts';
import { Since } from './times.tsx';

interface AgentDrawerProps {
  id: string;
  onClose(): void;
  onAct(action: Action, target: ActionTarget): void;
}

const newsSettleMs = 400;

const Now = ({ view, source, onAct }: { view: AgentView; source: Source | undefined; onAct: AgentDrawerProps['onAct'] }): ReactNode => {
  const { agent } = view;
  const offered = useOfferedActions(view, source);
  return (
    <section aria-label="Now">
      <Text fz="1.4rem" fw={700}>
        {statusLabels[agent.status]} {agent.statusSince ? <Since instant={agent.statusSince} /> : null}
      </Text>
      <Text c="var(--muted)" mb="sm">
        {agent.sourceName}, agent {agent.externalId}
        {agent.observedAt ? `, as seen at ${timeWords(agent.observedAt)}` : ''}
      </Text>
      <Lamps view={view} />
      <Group gap="xs" my="md">
        {offered.map(({ action, label, busy }) => (
          <Button
            key={action}
            size="md"
            variant="default"
            loading={busy}
            onClick={() => onAct(action, { id: agent.id, name: agentName(agent) })}
          >
            {label}
          </Button>
        ))}
        {offered.length === 0 ? <Text c="var(--muted)">This recorder takes no commands for this agent now.</Text> : null}
      </Group>
    </section>
  );
};

/** All there is about one agent: now, its recordings, its calls, and what was asked for. */
const AgentDrawer = ({ id, onClose, onAct }: AgentDrawerProps): ReactNode => {
  const view = useAgentView(id);
  const { sources } = useStore(useBoard().sources);
  const source = sources?.find(({ name }) => name === view?.agent.sourceName);
  const [{ data, fetching, error }, ask] = useQuery({ query: AgentDetailDocument, variables: { ref: { id } } });
  const attempts = useStore(useBoard().control.attempts);
  const [news] = useDebouncedValue(
    useMemo(() => ({ view, attempts }), [view, attempts]),
    newsSettleMs,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: what happened since is in the history now
  useEffect(() => ask({ requestPolicy: 'network-only' }), [news]);
  const nowhere = error ? (
    <Text role="alert">{error.graphQLErrors[0]?.message ?? 'The server did not answer.'}</Text>
  ) : (
    <Loader aria-label="Loading" />
  );
  const agent = data?.agent;
  return (
    <Drawer
      opened
      returnFocus={false}
      onClose={onClose}
      position="right"
      size="46rem"
      title={view ? agentName(view.agent) : 'Agent'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      styles={{
        title: { fontSize: '1.6rem', fontWeight: 700 },
        content: { background: 'var(--surface)' },
        header: { background: 'var(--surface)' },
      }}
    >
      {view ? <Now view={view} source={source} onAct={onAct} /> : <Text>This agent is no longer shown by its recorder.</Text>}
      <Tabs defaultValue="recordings" keepMounted={false} aria-busy={fetching}>
        <Tabs.List mb="md">
          <Tabs.Tab value="recordings">Recordings</Tabs.Tab>
          <Tabs.Tab value="calls">Calls</Tabs.Tab>
          <Tabs.Tab value="ledger">Ledger</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="recordings">
          {agent ? <AgentRecordings recordings={agent.recordings?.nodes ?? []} playable={can(source, 'DOWNLOAD_MEDIA')} /> : nowhere}
        </Tabs.Panel>
        <Tabs.Panel value="calls">{agent ? <AgentCalls calls={agent.calls.nodes} /> : nowhere}</Tabs.Panel>
        <Tabs.Panel value="ledger">
          <AgentLedger agent={id} news={news} />
        </Tabs.Panel>
      </Tabs>
    </Drawer>
  );
};

export default AgentDrawer;
