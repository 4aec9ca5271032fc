import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** What a toast of a change says: what was done, and the way back. */
export function UndoButton({ message, onUndo }: { message: string; onUndo: () => void }) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{message}</Text>
      <Button size="compact-sm" variant="light" onClick={onUndo}>
        {t('action.undo')}
      </Button>
    </Group>
  );
}
