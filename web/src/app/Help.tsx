import { SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { navigation } from './nav';
import { Dialog } from '../ui/Dialog';

const lists = [
  { keys: ['/'], name: 'search' },
  { keys: ['j', 'k'], name: 'move' },
  { keys: ['Enter'], name: 'open' },
  { keys: ['x'], name: 'select' },
  { keys: ['c'], name: 'close' },
  { keys: ['a'], name: 'assign' },
  { keys: ['u'], name: 'refresh' },
  { keys: ['Esc'], name: 'leave' },
  { keys: ['?'], name: 'help' },
] as const;

function Line({ keys, text }: { keys: readonly string[]; text: string }) {
  return (
    <div style={{ display: 'flex', gap: 10 }}>
      <span style={{ minWidth: 62, display: 'flex', gap: 4 }}>
        {keys.map((key) => (
          <kbd key={key} className="la-kbd">
            {key}
          </kbd>
        ))}
      </span>
      <Text size="sm">{text}</Text>
    </div>
  );
}

export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog opened onClose={onClose} title={t('help.title')} size="lg">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="lg">
        <Stack gap={8}>
          <Text fw={620}>{t('help.lists')}</Text>
          {lists.map(({ keys, name }) => (
            <Line key={name} keys={keys} text={t(`help.key.${name}`)} />
          ))}
        </Stack>
        <Stack gap={8}>
          <Text fw={620}>{t('help.go')}</Text>
          {navigation
            .flatMap((group) => group.pages)
            .map((page) => (
              <Line key={page.name} keys={['g', page.key]} text={t(`nav.${page.name}`)} />
            ))}
        </Stack>
      </SimpleGrid>
    </Dialog>
  );
}
