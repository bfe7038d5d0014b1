import { ActionIcon, Group, SegmentedControl, TextInput, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { type ReactNode, useEffect, useRef } from 'react';
import { graphqlUrl } from '../endpoints.ts';
import { useBoard, useStore } from './board.ts';
import { CodeIcon, KeyIcon, MoonIcon, SearchIcon, SizeIcon, SunIcon } from './icons.tsx';
import classes from './top-bar.module.css';

export type View = 'agents' | 'charts';

interface TopBarProps {
  view: View;
  onView(view: View): void;
  search: string;
  onSearch(search: string): void;
  onKey(): void;
}

const stageWords = { connecting: 'Connecting', live: 'Live', lost: 'Not live', refused: 'No access' } as const;

const Tool = ({
  label,
  onClick,
  pressed,
  href,
  className = '',
  children,
}: {
  label: string;
  onClick?: () => void;
  pressed?: boolean;
  href?: string;
  className?: string | undefined;
  children: ReactNode;
}): ReactNode => (
  <Tooltip label={label}>
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

/** Name, whether it is live, search, and how the page looks. `/` goes to the search from anywhere. */
export const TopBar = ({ view, onView, search, onSearch, onKey }: TopBarProps): ReactNode => {
  const { stage } = useStore(useBoard().connection);
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [size, setSize] = useLocalStorage<'desk' | 'wall'>({ key: 'tapegraph.size', defaultValue: 'desk', getInitialValueInEffect: false });
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.documentElement.dataset.size = size;
  }, [size]);
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
  return (
    <header className={classes.bar}>
      <h1 className={classes.title}>
        Wallboard
        <span className={classes.live} data-stage={stage} role="status">
          {stageWords[stage]}
        </span>
      </h1>
      <TextInput
        ref={field}
        className={classes.search ?? ''}
        type="search"
        size="md"
        aria-label="Search agents, callers and queues"
        placeholder="Search agents, callers, queues"
        leftSection={<SearchIcon />}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      <Group gap="xs" wrap="nowrap">
        <SegmentedControl
          size="md"
          aria-label="View"
          data={[
            { value: 'agents', label: 'Agents' },
            { value: 'charts', label: 'Charts' },
          ]}
          value={view}
          onChange={(value) => onView(value as View)}
        />
        <Tool
          className={classes.wide}
          label="Large tiles"
          pressed={size === 'wall'}
          onClick={() => setSize(size === 'wall' ? 'desk' : 'wall')}
        >
          <SizeIcon />
        </Tool>
        <Tool
          label={scheme === 'dark' ? 'Light colours' : 'Dark colours'}
          onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
        >
          {scheme === 'dark' ? <SunIcon /> : <MoonIcon />}
        </Tool>
        <Tool label="Access key" onClick={onKey}>
          <KeyIcon />
        </Tool>
        <Tool label="Playground" href={graphqlUrl()}>
          <CodeIcon />
        </Tool>
      </Group>
    </header>
  );
};
