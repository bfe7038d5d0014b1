import { ActionIcon, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Command } from './commands.ts';
import { MoreIcon } from './icons.tsx';

/** Offers what is needed seldom: kiosk mode, full screen, settings, export. */
export const MoreMenu = ({ commands }: { commands: readonly Command[] }): ReactNode => (
  <Menu position="bottom-end" width={280}>
    <Menu.Target>
      <ActionIcon variant="default" size={42} aria-label="More">
        <MoreIcon />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>
      {commands
        .filter(({ menu }) => menu)
        .map(({ id, label, run }) => (
          <Menu.Item key={id} onClick={run} fz="1rem">
            {label}
          </Menu.Item>
        ))}
    </Menu.Dropdown>
  </Menu>
);
