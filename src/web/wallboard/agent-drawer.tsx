import { Button, Drawer, Group, Tabs, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useMemo } from 'react';
import { useOfferedActions } from './agent-actions.ts';
import { AgentBlackouts } from './agent-blackouts.tsx';
import { AgentCalls } from './agent-calls.tsx';
import { Lamps } from './agent-lamps.tsx';
import { AgentLedger } from './agent-ledger.tsx';
import { AgentRecordings } from './agent-recordings.tsx';
import { useAgentView, useBoard, useNameOf, useSelected, useSource, useStaleSince, useStore } from './board.ts';
import type { Action, ActionTarget } from './control.ts';
import { timeWords } from './duration-words.ts';
import { reasonLabels, statusLabels } from './labels.ts';
import type { AgentView, Source } from './live-types.ts';
import { allows } from './sources.ts';
import { Since } from './times.tsx';

interface AgentDrawerProps {
  id: string;
  /** A dialog lies above it, which takes the Escape key. */
  isBeneath: boolean;
  onClose(): void;
  onAct(action: Action, target: ActionTarget): void;
}

const newsSettleMs = 400;

const CopyLink = (): ReactNode => (
  <Button size="md" variant="default" onClick={() => void navigator.clipboard?.writeText(location.href)}>
    Copy link
  </Button>
);

const Now = ({ view, source, onAct }: { view: AgentView; source: Source | undefined; onAct: AgentDrawerProps['onAct'] }): ReactNode => {
  const { agent, blackout } = view;
  const offered = useOfferedActions(view, source);
  const name = useNameOf()(agent);
  const staleSince = useStaleSince(agent, source);
  return (
    <section aria-label="Now">
      <Text fz="1.4rem" fw={700} c={staleSince === null ? 'var(--text)' : 'var(--muted)'}>
        {statusLabels[agent.status]}{' '}
        {staleSince !== null ? (
          <>
            (last seen <Since instant={new Date(staleSince).toISOString()} /> ago)
          </>
        ) : agent.statusSince ? (
          <Since instant={agent.statusSince} />
        ) : null}
      </Text>
      <Text c="var(--muted)" mb="sm">
        <bdi>{agent.sourceName}</bdi>, agent <bdi>{agent.externalId}</bdi>
        {agent.businessUnit ? `, team ${agent.businessUnit}` : ''}
        {agent.observedAt ? `, last observed at ${timeWords(agent.observedAt)}` : ''}
      </Text>
      <Lamps view={view} stale={staleSince !== null} />
      {blackout ? (
        <Text mt="xs">
          Blackout for {reasonLabels[blackout.reason].toLowerCase()}, requested by <bdi>{blackout.requestedBy}</bdi>
        </Text>
      ) : null}
      <Group gap="xs" my="md">
        {offered.map(({ slot, action, label, busy }) => (
          <Button
            key={slot}
            size="md"
            variant="default"
            data-disabled={busy}
            aria-disabled={busy || undefined}
            onClick={() => busy || onAct(action, { id: agent.id, name })}
          >
            {busy ? 'Sending…' : label}
          </Button>
        ))}
        <CopyLink />
      </Group>
      {offered.length === 0 ? (
        <Text c="var(--muted)" mb="sm">
          No command can be sent for this agent now.
        </Text>
      ) : null}
    </section>
  );
};

/** Everything about one agent: the present state, its recordings, calls and blackouts, and the requests that concerned it. */
const AgentDrawer = ({ id, isBeneath, onClose, onAct }: AgentDrawerProps): ReactNode => {
  const { control, sources, live } = useBoard();
  const view = useAgentView(id);
  const anyAgents = useSelected(live.views, (views) => views.size > 0);
  const nameOf = useNameOf();
  const source = useSource(view?.agent.sourceName);
  const access = useSelected(sources, (state) => state.access);
  const attempts = useStore(control.attempts);
  const [news] = useDebouncedValue(
    useMemo(
      () => ({ call: view?.call?.id, state: view?.call?.state, recordings: view?.recordings, blackout: view?.blackout, attempts }),
      [view, attempts],
    ),
    newsSettleMs,
  );
  return (
    <Drawer
      opened
      returnFocus={false}
      closeOnEscape={!isBeneath}
      onClose={onClose}
      position="right"
      size="46rem"
      title={<bdi>{view ? nameOf(view.agent) : 'Agent'}</bdi>}
      closeButtonProps={{ 'aria-label': 'Close' }}
      attributes={{ header: { role: 'none' } }}
      styles={{
        title: { fontSize: '1.6rem', fontWeight: 700 },
        content: { background: 'var(--surface)' },
        header: { background: 'var(--surface)' },
      }}
    >
      {view ? <Now view={view} source={source} onAct={onAct} /> : null}
      {!view && anyAgents ? <Text>The recorder does not list this agent now.</Text> : null}
      <Tabs defaultValue="recordings" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="recordings">Recordings</Tabs.Tab>
          <Tabs.Tab value="calls">Calls</Tabs.Tab>
          <Tabs.Tab value="blackouts">Blackouts</Tabs.Tab>
          {allows(access, 'audit:read') ? <Tabs.Tab value="ledger">Ledger</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="recordings">
          <AgentRecordings agent={id} source={source} news={news} />
        </Tabs.Panel>
        <Tabs.Panel value="calls">
          <AgentCalls agent={id} news={news} />
        </Tabs.Panel>
        <Tabs.Panel value="blackouts">
          <AgentBlackouts agent={id} news={news} />
        </Tabs.Panel>
        <Tabs.Panel value="ledger">
          <AgentLedger agent={id} news={news} />
        </Tabs.Panel>
      </Tabs>
    </Drawer>
  );
};

export default AgentDrawer;
