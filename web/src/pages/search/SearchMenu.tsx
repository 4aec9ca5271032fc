import { ActionIcon, Button, Menu, Text } from '@mantine/core';
import { IconBookmark, IconBookmarks, IconClockPin, IconDeviceFloppy, IconHistory, IconLink, IconX } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import type { Saved } from '../../api/types';
import { contentOf, paramsOf } from '../../lib/savedSearch';
import { toast } from '../../ui/toast';
import css from './lists.module.css';
import { useSavedActions } from './useSavedActions';
import type { SearchState } from './useSearchState';

const SaveDialog = lazy(() => import('./SaveDialog').then((m) => ({ default: m.SaveDialog })));
const SavedList = lazy(() => import('./SavedList').then((m) => ({ default: m.SavedList })));
const HistoryList = lazy(() => import('./HistoryList').then((m) => ({ default: m.HistoryList })));

export type SearchDialog = 'save' | 'saved' | 'history';

interface Props {
  state: SearchState;
  saved: Saved | undefined;
  opened: SearchDialog | undefined;
  onOpened: (dialog: SearchDialog | undefined) => void;
}

/** Copies the address of what is shown; fixed: with the moments a relative range means now. */
export function useCopyLink(state: SearchState): (fixed: boolean) => Promise<void> {
  const { t } = useTranslation('search');
  return async (fixed) => {
    const address = new URL(window.location.href);
    if (fixed) {
      address.searchParams.set('from', state.bounds.from);
      address.searchParams.set('to', state.bounds.to);
    }
    try {
      await navigator.clipboard.writeText(address.href);
      toast({ message: t('link.copied'), autoClose: 3_000 });
    } catch {
      // Without the right to the clipboard the address can still be copied by hand.
      toast({ message: address.href, autoClose: 20_000 });
    }
  };
}

/** Keeping a search, finding one again, handing one on. */
export function SearchMenu({ state, saved, opened, onOpened }: Props) {
  const { t } = useTranslation('search');
  const { change } = useSavedActions();
  const content = contentOf(state.params);
  const copyLink = useCopyLink(state);
  const open = (dialog: SearchDialog) => () => {
    onOpened(dialog);
  };
  const close = () => {
    onOpened(undefined);
  };
  return (
    <>
      <Menu position="bottom-end" width={290}>
        <Menu.Target>
          <Button variant="default" h={34} px={10} leftSection={<IconBookmark size={16} />}>
            {t('saved.menu')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {saved?.editable && (
            <Menu.Item
              leftSection={<IconDeviceFloppy size={16} />}
              onClick={() => {
                change.mutate({ saved, next: content }, { onSuccess: () => toast({ message: t('saved.kept', { name: saved.name }) }) });
              }}
            >
              {t('saved.update', { name: saved.name })}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconDeviceFloppy size={16} />} rightSection={<Key name="s" />} onClick={open('save')}>
            {t('saved.new')}
          </Menu.Item>
          <Menu.Item leftSection={<IconBookmarks size={16} />} rightSection={<Key name="b" />} onClick={open('saved')}>
            {t('saved.list')}
          </Menu.Item>
          <Menu.Item leftSection={<IconHistory size={16} />} rightSection={<Key name="H" />} onClick={open('history')}>
            {t('history.title')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLink size={16} />} rightSection={<Key name="y" />} onClick={() => void copyLink(false)}>
            {t('link.copy')}
          </Menu.Item>
          <Menu.Item leftSection={<IconClockPin size={16} />} onClick={() => void copyLink(true)}>
            {t('link.fixed')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense fallback={null}>
        {opened === 'save' && (
          <SaveDialog
            saved={undefined}
            content={content}
            onClose={close}
            onSaved={(made) => {
              state.change({ saved: made.id }, true);
              toast({ message: t('saved.kept', { name: made.name }) });
            }}
          />
        )}
        {opened === 'saved' && (
          <SavedList
            onClose={close}
            onOpen={(chosen) => {
              close();
              state.replaceAll(paramsOf(chosen));
            }}
          />
        )}
        {opened === 'history' && (
          <HistoryList
            onClose={close}
            onOpen={({ query, range }) => {
              close();
              state.search({ q: query || undefined, ...range, saved: undefined });
            }}
          />
        )}
      </Suspense>
    </>
  );
}

function Key({ name }: { name: string }) {
  return <kbd className="la-kbd">{name}</kbd>;
}

/** Which saved search is shown, and whether it was changed since. */
export function SavedChip({ saved, unchanged, onClose }: { saved: Saved; unchanged: boolean; onClose: () => void }) {
  const { t } = useTranslation('search');
  return (
    <span className={css.chip}>
      <IconBookmark size={14} aria-hidden="true" />
      <span className="la-clip">{saved.name}</span>
      {!unchanged && (
        <Text size="xs" span className="la-dim">
          {t('saved.changed')}
        </Text>
      )}
      <ActionIcon size={24} aria-label={t('saved.leave')} onClick={onClose}>
        <IconX size={13} />
      </ActionIcon>
    </span>
  );
}
