import '../i18n/kit';

import { ActionIcon, Button, Checkbox, Group, TextInput } from '@mantine/core';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { removeView, type SavedView, saveView, type ViewPage, viewsQuery } from '../api/viewQueries';
import { useMay } from '../app/session';
import { Dialog } from '../ui/Dialog';
import { ErrorState, Rows } from '../ui/State';
import { toast } from '../ui/toast';
import { Form, useFieldErrors } from './Form';
import css from './kit.module.css';
import { offerUndo } from './undo';

type Search = Record<string, string | undefined>;

interface Props {
  page: ViewPage;
  /** How the list is narrowed now, as the address of the page keeps it. */
  search: Search;
  onOpen: (search: Search) => void;
}

const addressOf = (search: Search) => {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(search).sort(([a], [b]) => (a < b ? -1 : 1))) if (value !== undefined) kept.set(name, value);
  return kept.toString();
};

/** The views of a list that somebody saved: to open one, to save what is chosen now. */
export function SavedViews({ page, search, onOpen }: Props) {
  const { t } = useTranslation('kit');
  const [open, setOpen] = useState(false);
  if (!useMay()('view.save')) return null;
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconBookmark size={15} />} onClick={() => { setOpen(true); }}>
        {t('views.title')}
      </Button>
      {open && <Views page={page} address={addressOf(search)} onOpen={onOpen} onClose={() => { setOpen(false); }} />}
    </>
  );
}

function Views({ page, address, onOpen, onClose }: { page: ViewPage; address: string; onOpen: (search: Search) => void; onClose: () => void }) {
  const { t } = useTranslation('kit');
  const client = useQueryClient();
  const query = useQuery(viewsQuery(page));
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const changed = () => client.invalidateQueries({ queryKey: ['views', page] });
  const save = useMutation({
    mutationFn: () => saveView({ page, name, address, shared }),
    onSuccess: async () => {
      toast({ message: t('views.saved'), autoClose: 4_000 });
      setName('');
      await changed();
    },
  });
  const remove = useMutation({
    mutationFn: (view: SavedView) => removeView(view.id),
    onSuccess: async (_, view) => {
      await changed();
      if (view.mine) offerUndo(t('views.removed', { name: view.name }), () => saveView({ page, name: view.name, address: view.address, shared: view.shared }).finally(changed));
    },
  });
  const wrong = useFieldErrors(save.error);
  const items = query.data?.items ?? [];
  return (
    <Dialog opened onClose={onClose} title={t('views.title')}>
      {query.isPending && <Rows count={3} />}
      {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.data && items.length === 0 && <p className="la-dim">{t('views.none')}</p>}
      {remove.error && <ErrorState error={remove.error} />}
      <ul className={css.views}>
        {items.map((view) => (
          <li key={view.id}>
            <Button
              variant={view.address === address ? 'light' : 'subtle'}
              size="compact-sm"
              justify="flex-start"
              aria-current={view.address === address || undefined}
              onClick={() => {
                onOpen(Object.fromEntries(new URLSearchParams(view.address)));
                onClose();
              }}
            >
              {view.name}
            </Button>
            {view.shared && <span className="la-dim">{view.mine ? t('views.shared') : t('views.by', { name: view.owner.displayName })}</span>}
            {view.mayRemove && (
              <ActionIcon variant="subtle" color="gray" size="md" aria-label={t('views.remove', { name: view.name })} onClick={() => { remove.mutate(view); }}>
                <IconTrash size={15} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {address === '' ? (
        <p className="la-dim">{t('views.choose')}</p>
      ) : (
        <Form error={save.error} fields={['name']} submit={t('views.save')} busy={save.isPending} disabled={name.trim() === ''} onSubmit={() => { save.mutate(); }} onCancel={onClose}>
          <Group align="end">
            <TextInput style={{ flex: 1 }} label={t('views.name')} maxLength={120} value={name} error={wrong('name')} data-autofocus onChange={(e) => { setName(e.currentTarget.value); }} />
          </Group>
          <Checkbox mt="xs" label={t('views.share')} checked={shared} onChange={(e) => { setShared(e.currentTarget.checked); }} />
        </Form>
      )}
    </Dialog>
  );
}
