import { Button, Skeleton, Text } from '@mantine/core';
import { type CSSProperties, Fragment, memo, type ReactNode, useLayoutEffect, useRef } from 'react';
import classes from './agent-grid.module.css';
import { AgentTile, type AgentTileProps } from './agent-tile.tsx';
import { useBoard } from './board.ts';
import type { BoardFit } from './board-fit.ts';
import type { AgentGroup } from './board-order.ts';
import { useArrowKeys } from './roving.ts';

interface AgentGridProps extends Omit<AgentTileProps, 'id'> {
  groups: readonly AgentGroup[];
  /** Null lets the page scroll, with the sizes of the style sheet. */
  fit: BoardFit | null;
}

const sizes = (fit: BoardFit | null): CSSProperties =>
  fit === null
    ? {}
    : ({
        '--tile-size': `${fit.sizePx}px`,
        ...(fit.heightPx === null ? {} : { '--tile-height': `${fit.heightPx}px` }),
        ...(fit.columns === null ? {} : { gridTemplateColumns: `repeat(${fit.columns}, minmax(0, 1fr))` }),
      } as CSSProperties);

/** Renders again only when agents come, go or move; a change of one agent concerns its own tile alone. */
export const AgentGrid = memo(({ groups, fit, ...tile }: AgentGridProps): ReactNode => {
  const { tabStop } = useBoard();
  const grid = useRef<HTMLUListElement>(null);
  const onKeyDown = useArrowKeys(grid);
  useLayoutEffect(() => {
    const current = tabStop.get();
    if (current === null || !groups.some(({ ids }) => ids.includes(current))) tabStop.set(groups[0]?.ids[0] ?? null);
  }, [groups, tabStop]);
  const grouped = groups.some(({ label }) => label !== '');
  return (
    <>
      {grouped ? null : <h2 className={classes.hidden}>Agents</h2>}
      <ul
        ref={grid}
        className={classes.grid}
        data-shape={fit?.shape ?? 'tiles'}
        style={sizes(fit)}
        aria-label="Agents"
        onKeyDown={onKeyDown}
      >
        {groups.map(({ label, ids }) => (
          <Fragment key={label}>
            {grouped ? (
              <li className={classes.heading}>
                <h2>
                  <bdi>{label}</bdi> <span>{ids.length}</span>
                </h2>
              </li>
            ) : null}
            {ids.map((id) => (
              <li key={id}>
                <AgentTile id={id} {...tile} />
              </li>
            ))}
          </Fragment>
        ))}
      </ul>
    </>
  );
});

export const GridLoading = (): ReactNode => (
  <div className={classes.grid} role="status" aria-label="Loading agents">
    {Array.from({ length: 8 }, (_, position) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have nothing else and never move
      <Skeleton key={position} height="12rem" radius="md" />
    ))}
  </div>
);

interface GridEmptyProps {
  reason: 'filtered' | 'refused' | 'noScope' | 'none';
  onShowAll(): void;
}

const emptyTexts: Readonly<Record<GridEmptyProps['reason'], readonly [string, string]>> = {
  filtered: ['No agent matches', 'Change the search or the filters above.'],
  refused: ['No access', 'The server shows nothing without a valid access key.'],
  noScope: ['No access', 'The access key is valid, but does not allow reading agents (agents:read).'],
  none: ['No agents yet', 'They appear here as soon as a recorder reports them.'],
};

/** Says why there is nothing to see, and what to do about it. */
export const GridEmpty = ({ reason, onShowAll }: GridEmptyProps): ReactNode => {
  const [title, advice] = emptyTexts[reason];
  return (
    <div className={classes.empty} role="status">
      <Text fz="1.6rem" fw={650}>
        {title}
      </Text>
      <Text fz="1.1rem" c="var(--muted)">
        {advice}
      </Text>
      {reason === 'filtered' ? (
        <Button mt="md" size="md" variant="default" onClick={onShowAll}>
          Show all agents
        </Button>
      ) : null}
    </div>
  );
};
