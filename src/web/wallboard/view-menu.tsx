import { ActionIcon, NativeSelect, Popover, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { type BoardView, type Grouping, groupings, type Layout, layouts, type Sort, sorts } from './board-view.ts';
import { SortIcon } from './icons.tsx';
import { groupingLabels, layoutLabels, sortLabels } from './labels.ts';
import type { ChangeView } from './use-view.ts';

const options = <T extends string>(values: readonly T[], labels: Readonly<Record<T, string>>) =>
  values.map((value) => ({ value, label: labels[value] }));

/** How the agents are ordered, grouped and laid out; the address keeps it. */
export const ViewMenu = ({ view, onView }: { view: BoardView; onView: ChangeView }): ReactNode => (
  <Popover position="bottom-end" width={260} trapFocus>
    <Popover.Target>
      <ActionIcon variant="default" size={42} aria-label="Sort and group">
        <SortIcon />
      </ActionIcon>
    </Popover.Target>
    <Popover.Dropdown bg="var(--surface)">
      <Stack gap="sm">
        <NativeSelect
          label="Sort by"
          size="md"
          data={options(sorts, sortLabels)}
          value={view.sort}
          onChange={(event) => onView({ sort: event.currentTarget.value as Sort })}
        />
        <NativeSelect
          label="Group by"
          size="md"
          data={options(groupings, groupingLabels)}
          value={view.group}
          onChange={(event) => onView({ group: event.currentTarget.value as Grouping })}
        />
        <NativeSelect
          label="Layout"
          size="md"
          data={options(layouts, layoutLabels)}
          value={view.layout}
          onChange={(event) => onView({ layout: event.currentTarget.value as Layout })}
        />
      </Stack>
    </Popover.Dropdown>
  </Popover>
);
