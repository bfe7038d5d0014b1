import { Button, Group, Modal, NumberInput, Switch, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AgentStatus } from '../generated/graphql.ts';
import { useBoard, useStore } from './board.ts';
import { statusLabels } from './labels.ts';
import { defaultSettings, type Limits } from './settings.ts';

const noLimits: Limits = { warnSeconds: null, lateSeconds: null };

const seconds = (value: number | string): number | null => (typeof value === 'number' && value > 0 ? value : null);

/** Settings of this browser: when a tile changes colour, how fast kiosk pages turn, and the alert sound. They apply at once. */
export const SettingsDialog = ({ opened, onClose }: { opened: boolean; onClose(): void }): ReactNode => {
  const { settings } = useBoard();
  const { thresholds, sound, pageSeconds } = useStore(settings);
  const setLimit = (status: AgentStatus, change: Partial<Limits>): void =>
    settings.change({ thresholds: { ...thresholds, [status]: { ...(thresholds[status] ?? noLimits), ...change } } });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Settings"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
      attributes={{ header: { role: 'none' } }}
    >
      <Text mb="sm">A tile turns yellow, then red, when an agent is in a status for longer than this. Empty: never.</Text>
      <Table fz="1rem" verticalSpacing={4} aria-label="Time in status">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Status</Table.Th>
            <Table.Th>Yellow after seconds</Table.Th>
            <Table.Th>Red after seconds</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(Object.keys(statusLabels) as AgentStatus[]).map((status) => (
            <Table.Tr key={status}>
              <Table.Th scope="row">{statusLabels[status]}</Table.Th>
              <Table.Td>
                <NumberInput
                  aria-label={`${statusLabels[status]}: yellow after seconds`}
                  min={0}
                  hideControls
                  value={thresholds[status]?.warnSeconds ?? ''}
                  onChange={(value) => setLimit(status, { warnSeconds: seconds(value) })}
                />
              </Table.Td>
              <Table.Td>
                <NumberInput
                  aria-label={`${statusLabels[status]}: red after seconds`}
                  min={0}
                  hideControls
                  value={thresholds[status]?.lateSeconds ?? ''}
                  onChange={(value) => setLimit(status, { lateSeconds: seconds(value) })}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group mt="md" align="flex-end" justify="space-between">
        <NumberInput
          label="Seconds per page in kiosk mode"
          min={3}
          max={600}
          value={pageSeconds}
          onChange={(value) => settings.change({ pageSeconds: Math.max(3, Number(value) || defaultSettings.pageSeconds) })}
        />
        <Switch
          size="md"
          label="Alert sound"
          checked={sound}
          onChange={(event) => settings.change({ sound: event.currentTarget.checked })}
        />
      </Group>
      <Group mt="lg" justify="space-between">
        <Button variant="default" onClick={() => settings.change(defaultSettings)}>
          Restore defaults
        </Button>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Modal>
  );
};
