import '../i18n/search';

import { SimpleGrid, Stack, Text } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
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

const searchKeys = [
  { keys: ['/'], name: 'query' },
  { keys: ['j', 'k'], name: 'rows' },
  { keys: ['h', 'l'], name: 'cells' },
  { keys: ['Enter'], name: 'open' },
  { keys: ['x', 'Esc'], name: 'close' },
  { keys: ['f'], name: 'only' },
  { keys: ['Shift', 'F'], name: 'without' },
  { keys: ['o'], name: 'order' },
  { keys: ['t'], name: 'tail' },
  { keys: ['n'], name: 'fresh' },
  { keys: ['s'], name: 'save' },
  { keys: ['b'], name: 'saved' },
  { keys: ['Shift', 'H'], name: 'history' },
  { keys: ['y'], name: 'link' },
  { keys: ['u'], name: 'again' },
  { keys: ['?'], name: 'help' },
] as const;

const histogramKeys = [
  { keys: ['←', '→'], name: 'move' },
  { keys: ['Shift', '→'], name: 'extend' },
  { keys: ['Enter'], name: 'zoom' },
  { keys: ['Backspace'], name: 'back' },
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
  const { t } = useTranslation(['translation', 'search']);
  const searching = useLocation().pathname.startsWith('/search');
  return (
    <Dialog opened onClose={onClose} title={t('help.title')} size="lg">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="lg">
        <Stack gap={8}>
          <Text fw={620}>{searching ? t('search:keys.title') : t('help.lists')}</Text>
          {searching
            ? searchKeys.map(({ keys, name }) => <Line key={name} keys={keys} text={t(`search:keys.${name}`)} />)
            : lists.map(({ keys, name }) => <Line key={name} keys={keys} text={t(`help.key.${name}`)} />)}
        </Stack>
        <Stack gap={8}>
          {searching && (
            <>
              <Text fw={620}>{t('search:keys.histogram')}</Text>
              {histogramKeys.map(({ keys, name }) => (
                <Line key={name} keys={keys} text={t(`search:keys.chart.${name}`)} />
              ))}
            </>
          )}
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
