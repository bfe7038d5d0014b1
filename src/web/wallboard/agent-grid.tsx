import { Button, Skeleton, Text } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import classes from './agent-grid.module.css';
import { AgentTile } from './agent-tile.tsx';
import type { Action, ActionTarget } from './control.ts';
import type { Source } from './live-types.ts';

interface AgentGridProps {
  ids: readonly string[];
  sourceOf(id: string): Source | undefined;
  onOpen(id: string): void;
  onAct(action: Action, target: ActionTarget): void;
}

/** Renders again only when agents come, go or are filtered; a change of one agent concerns its own tile alone. */
export const AgentGrid = memo(
  ({ ids, sourceOf, onOpen, onAct }: AgentGridProps): ReactNode => (
    <ul className={classes.grid} aria-label="Agents">
      {ids.map((id) => (
        <li key={id}>
          <AgentTile id={id} source={sourceOf(id)} onOpen={onOpen} onAct={onAct} />
        </li>
      ))}
    </ul>
  ),
);

export const GridLoading = (): ReactNode => (
  <div className={classes.grid} role="status" aria-label="Loading agents">
    {Array.from({ length: 8 }, (_, position) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have nothing else and never move
      <Skeleton key={position} height="12rem" radius="md" />
    ))}
  </div>
);

/** Says why there is nothing to see, and what to do about it. */
export const GridEmpty = ({ filtered, onShowAll }: { filtered: boolean; onShowAll(): void }): ReactNode => (
  <div className={classes.empty} role="status">
    <Text fz="1.6rem" fw={650}>
      {filtered ? 'No agent matches' : 'No agents yet'}
    </Text>
    <Text fz="1.1rem" c="var(--muted)">
      {filtered ? 'Change the search or the filters above.' : 'They appear here as soon as a recorder shows them.'}
    </Text>
    {filtered ? (
      <Button mt="md" size="md" variant="default" onClick={onShowAll}>
        Show all agents
      </Button>
    ) : null}
  </div>
);
