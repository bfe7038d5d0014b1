import { Button, Group, Modal, PasswordInput, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { readAccessKey, writeAccessKey } from '../access-key.ts';

/** Takes the key for this browser tab; the page starts anew with it. */
export const KeyDialog = ({ opened, onClose }: { opened: boolean; onClose(): void }): ReactNode => {
  const [key, setKey] = useState(readAccessKey() ?? '');
  const use = (value: string | null) => {
    writeAccessKey(value);
    location.reload();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    use(key.trim());
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Access key"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
      attributes={{ header: { role: 'none' } }}
    >
      <form onSubmit={submit}>
        <PasswordInput
          label="Access key or token"
          description="Kept in this browser tab only, until you close it."
          autoComplete="off"
          size="md"
          data-autofocus
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Text size="sm" c="var(--muted)" mt="xs">
          The key decides what you see. Names and numbers are masked unless it has the scope pii:read.
        </Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={() => use(null)} disabled={readAccessKey() === null}>
            Forget key
          </Button>
          <Button type="submit" disabled={key.trim() === ''}>
            Use key
          </Button>
        </Group>
      </form>
    </Modal>
  );
};
