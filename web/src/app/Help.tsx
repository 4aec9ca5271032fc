import '../i18n/kit';
import '../i18n/search';

import { SimpleGrid, Stack, Text } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { usePageActions } from '../kit/actions';
import { Dialog } from '../ui/Dialog';
import { useMay } from './session';
import { jumpOf, pages } from './nav';

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

/** "X" is pressed as Shift and x. */
const pressed = (key: string) => (/^[A-Z]$/.test(key) ? ['Shift', key] : key === 'Escape' ? ['Esc'] : key.split(' '));

function Line({ keys, text }: { keys: readonly string[]; text: string }) {
  return (
    <div style={{ display: 'flex', gap: 10 }}>
      <span style={{ minWidth: 76, display: 'flex', gap: 4 }}>
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

function PageKeys() {
  const { t } = useTranslation();
  const actions = usePageActions().filter((action) => action.key !== undefined);
  return (
    <>
      <Text fw={620}>{t('help.lists')}</Text>
      {actions.length > 0
        ? actions.map((action) => <Line key={action.id} keys={pressed(action.key ?? '')} text={action.name} />)
        : lists.map(({ keys, name }) => <Line key={name} keys={keys} text={t(`help.key.${name}`)} />)}
    </>
  );
}

/** The keys of the page in view, those that work everywhere, and the way to each page. */
export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['translation', 'search']);
  const may = useMay();
  const searching = useLocation().pathname.startsWith('/search');
  return (
    <Dialog opened onClose={onClose} title={t('help.title')} size="lg">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="lg">
        <Stack gap={8}>
          {searching ? (
            <>
              <Text fw={620}>{t('search:keys.title')}</Text>
              {searchKeys.map(({ keys, name }) => (
                <Line key={name} keys={keys} text={t(`search:keys.${name}`)} />
              ))}
              <Text fw={620}>{t('search:keys.histogram')}</Text>
              {histogramKeys.map(({ keys, name }) => (
                <Line key={name} keys={keys} text={t(`search:keys.chart.${name}`)} />
              ))}
            </>
          ) : (
            <PageKeys />
          )}
        </Stack>
        <Stack gap={8}>
          <Text fw={620}>{t('help.everywhere')}</Text>
          <Line keys={['Ctrl', 'K']} text={t('help.palette')} />
          <Line keys={['z']} text={t('help.undo')} />
          <Line keys={['?']} text={t('help.key.help')} />
          <Text fw={620} mt="xs">
            {t('help.go')}
          </Text>
          {pages
            .filter((page) => may(page.action))
            .map((page) => ({ name: page.name, keys: jumpOf(page)?.split(' ') }))
            .map(({ name, keys }) => keys && <Line key={name} keys={keys} text={t(`nav.${name}`)} />)}
        </Stack>
      </SimpleGrid>
      <Text size="sm" mt="lg">
        <Link to="/style" onClick={onClose}>
          {t('help.style')}
        </Link>
      </Text>
    </Dialog>
  );
}
