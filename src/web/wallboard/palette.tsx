import '@mantine/spotlight/styles.css';
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { type ReactNode, useMemo } from 'react';
import { useBoard, useNameOf, useStore } from './board.ts';
import type { Command } from './commands.ts';
import { SearchIcon } from './icons.tsx';
import { statusLabels } from './labels.ts';

interface PaletteProps {
  commands: readonly Command[];
  onOpen(id: string): void;
  onClose(): void;
}

const maxHits = 12;

/** Every agent and every command, found by typing. `Ctrl K` opens it. */
const Palette = ({ commands, onOpen, onClose }: PaletteProps): ReactNode => {
  const views = useStore(useBoard().live.views);
  const nameOf = useNameOf();
  const actions = useMemo((): SpotlightActionGroupData[] => {
    const agents: SpotlightActionData[] = [...views.values()].map(({ agent }) => ({
      id: agent.id,
      label: nameOf(agent),
      description: `${statusLabels[agent.status]}, ${agent.sourceName}`,
      keywords: [agent.externalId, agent.businessUnit ?? ''],
      onClick: () => onOpen(agent.id),
    }));
    const pageCommands: SpotlightActionData[] = commands.map(({ id, label, description = '', run }) => ({
      id,
      label,
      description,
      onClick: run,
    }));
    return [
      { group: 'Commands', actions: pageCommands },
      { group: 'Agents', actions: agents },
    ];
  }, [views, nameOf, commands, onOpen]);
  return (
    <Spotlight
      actions={actions}
      limit={maxHits}
      shortcut={null}
      onSpotlightClose={onClose}
      scrollable
      maxHeight="60vh"
      nothingFound="Nothing matches"
      searchProps={{ leftSection: <SearchIcon />, placeholder: 'Find an agent or a command', 'aria-label': 'Find an agent or a command' }}
    />
  );
};

export default Palette;
