import { ActionIcon, Group, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { graphqlUrl } from '../endpoints.ts';
import { useBoard, useStore } from './board.ts';
import type { BoardView } from './board-view.ts';
import { Clock } from './clock.tsx';
import type { Command } from './commands.ts';
import { BellIcon, BellOffIcon, CodeIcon, KeyIcon, MoonIcon, SearchIcon, SizeIcon, SunIcon } from './icons.tsx';
import { MoreMenu } from './more-menu.tsx';
import { isRefused } from './sources.ts';
import classes from './top-bar.module.css';
import { pageControlsId } from './turning-pages.tsx';
import type { ChangeView } from './use-view.ts';
import { ViewMenu } from './view-menu.tsx';

interface TopBarProps {
  view: BoardView;
  onView: ChangeView;
  scheme: 'light' | 'dark';
  sound: { on: boolean; blocked: boolean; toggle(): void };
  /** Everything that the menu offers. */
  commands: readonly Command[];
  onScheme(): void;
  onKey(): void;
}

const stageLabels = { connecting: 'Connecting', live: 'Live', lost: 'Not live', refused: 'No access' } as const;

interface ToolProps {
  label: string;
  onClick?: () => void;
  pressed?: boolean;
  href?: string;
  className?: string | undefined;
  children: ReactNode;
}

const Tool = ({ label, onClick, pressed, href, className = '', children }: ToolProps): ReactNode => (
  <Tooltip label={label} withinPortal={false}>
    {href === undefined ? (
      <ActionIcon className={className} variant="default" size={42} aria-label={label} aria-pressed={pressed} onClick={onClick}>
        {children}
      </ActionIcon>
    ) : (
      <ActionIcon variant="default" size={42} component="a" href={href} aria-label={label}>
        {children}
      </ActionIcon>
    )}
  </Tooltip>
);

/** `/` goes to the search from anywhere. */
const useSlash = () => {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const go = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || (event.target as HTMLElement).closest('input, textarea, [role=dialog]'))
        return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', go);
    return () => removeEventListener('keydown', go);
  }, []);
  return field;
};

/** Name, whether it is live, the time, search, and how the page looks. In kiosk mode only what is read from afar. */
export const TopBar = ({ view, onView, scheme, sound, commands, onScheme, onKey }: TopBarProps): ReactNode => {
  const { connection, sources } = useBoard();
  const { fault } = useStore(sources);
  const connected = useStore(connection).stage;
  const stage = isRefused(fault) ? 'refused' : connected;
  const field = useSlash();
  const large = view.layout === 'large';
  return (
    <header className={classes.bar}>
      <h1 className={classes.title}>
        Wallboard
        <span className={classes.live} data-stage={stage} role="status">
          {stageLabels[stage]}
        </span>
      </h1>
      <Clock />
      <div id={pageControlsId} className={classes.pages} />
      {view.kiosk ? null : (
        <>
          <TextInput
            ref={field}
            className={classes.search ?? ''}
            type="search"
            size="md"
            aria-label="Search agents, callers and queues"
            placeholder="Search agents, callers, queues"
            leftSection={<SearchIcon />}
            value={view.search}
            onChange={(event) => onView({ search: event.currentTarget.value })}
          />
          <Group gap="xs" className={classes.tools ?? ''}>
            <SegmentedControl
              size="md"
              aria-label="View"
              data={[
                { value: 'agents', label: 'Agents' },
                { value: 'charts', label: 'Charts' },
              ]}
              value={view.charts ? 'charts' : 'agents'}
              onChange={(value) => onView({ charts: value === 'charts' })}
            />
            <ViewMenu view={view} onView={onView} />
            <Tool className={classes.wide} label="Large tiles" pressed={large} onClick={() => onView({ layout: large ? 'fit' : 'large' })}>
              <SizeIcon />
            </Tool>
            <Tool
              label={sound.blocked ? 'Alert sound: click anywhere to allow it' : 'Alert sound'}
              pressed={sound.on}
              onClick={sound.toggle}
            >
              {sound.on && !sound.blocked ? <BellIcon /> : <BellOffIcon />}
            </Tool>
            <Tool label={scheme === 'dark' ? 'Light colours' : 'Dark colours'} onClick={onScheme}>
              {scheme === 'dark' ? <SunIcon /> : <MoonIcon />}
            </Tool>
            <Tool label="Access key" onClick={onKey}>
              <KeyIcon />
            </Tool>
            <Tool label="Playground" href={graphqlUrl()}>
              <CodeIcon />
            </Tool>
          </Group>
        </>
      )}
      <MoreMenu commands={commands} />
    </header>
  );
};
