import { Button, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { BlackoutReason } from '../generated/graphql.ts';
import type { ActionTarget, BlackoutWishes } from './control.ts';
import { reasonLabels } from './labels.ts';

const limits = [
  { value: '', label: 'Longest' },
  { value: 'PT1M', label: '1 min' },
  { value: 'PT2M', label: '2 min' },
  { value: 'PT5M', label: '5 min' },
];

interface BlackoutDialogProps {
  target: ActionTarget | null;
  onStart(target: ActionTarget, wishes: BlackoutWishes): void;
  onClose(): void;
}

/** One press on a reason starts the blackout: the customer may already be reading out a card number. */
export const BlackoutDialog = ({ target, onStart, onClose }: BlackoutDialogProps): ReactNode => {
  const [limit, setLimit] = useState('');
  const start = (reason: BlackoutReason) => {
    if (target === null) return;
    onStart(target, { reason, maxDuration: limit || null });
    onClose();
  };
  return (
    <Modal
      opened={target !== null}
      onClose={onClose}
      styles={{ title: { fontSize: '1.3rem', fontWeight: 680 } }}
      title={<bdi>{`Black out ${target?.name ?? ''}`}</bdi>}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
      attributes={{ header: { role: 'none' } }}
    >
      <Text c="var(--muted)" mb="sm">
        Nothing is recorded until you end the blackout or it reaches its limit. Choose a reason to start it.
      </Text>
      <Text fw={600} mb={4} id="blackout-limit">
        Ends after at most
      </Text>
      <SegmentedControl fullWidth aria-labelledby="blackout-limit" data={limits} value={limit} onChange={setLimit} mb="md" />
      <Stack gap="xs" role="group" aria-label="Reason">
        {(Object.keys(reasonLabels) as BlackoutReason[]).map((reason, position) => (
          <Button
            key={reason}
            size="lg"
            variant={position === 0 ? 'filled' : 'default'}
            data-autofocus={position === 0 || undefined}
            onClick={() => start(reason)}
          >
            {reasonLabels[reason]}
          </Button>
        ))}
      </Stack>
    </Modal>
  );
};
