import { ActionIcon, Group, SegmentedControl, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconCopy, IconFilter, IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { savedListQuery } from '../../api/searchQueries';
import type { Saved } from '../../api/types';
import { matches } from '../../kit/text';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import css from './lists.module.css';
import { SaveDialog } from './SaveDialog';
import { useSavedActions } from './useSavedActions';

/** The searches somebody saved for oneself, one's unit or everyone. */
export function SavedList({ onOpen, onClose }: { onOpen: (saved: Saved) => void; onClose: () => void }) {
  const { t } = useTranslation('search');
  const { data, error, isPending, refetch } = useQuery(savedListQuery);
  const { copy, remove } = useSavedActions();
  const [text, setText] = useState('');
  const [whose, setWhose] = useState<'all' | 'mine' | 'shared'>('all');
  const [edited, setEdited] = useState<Saved>();
  const items = (data?.items ?? []).filter(
    (saved) =>
      (whose === 'all' || saved.mine === (whose === 'mine')) &&
      matches(`${saved.name} ${saved.description} ${saved.query}`, text),
  );
  if (edited) {
    return (
      <SaveDialog
        saved={edited}
        content={undefined}
        onClose={() => {
          setEdited(undefined);
        }}
        onSaved={() => undefined}
      />
    );
  }
  return (
    <Dialog opened onClose={onClose} title={t('saved.list')} size="lg">
      <Group gap="xs" mb="xs">
        <TextInput
          size="xs"
          style={{ flex: 1 }}
          data-autofocus
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
          leftSection={<IconFilter size={14} />}
          placeholder={t('saved.find')}
          aria-label={t('saved.find')}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('saved.whose')}
          value={whose}
          onChange={(value) => {
            setWhose(value === 'mine' || value === 'shared' ? value : 'all');
          }}
          data={(['all', 'mine', 'shared'] as const).map((value) => ({ value, label: t(`saved.${value}`) }))}
        />
      </Group>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={6} />}
      {data && items.length === 0 && (
        <Text size="sm" className="la-dim" py="md" ta="center">
          {data.items.length === 0 ? t('saved.none') : t('saved.noMatch')}
        </Text>
      )}
      <ul className={css.list}>
        {items.map((saved) => (
          <li key={saved.id}>
            <UnstyledButton
              className={css.main}
              onClick={() => {
                onOpen(saved);
              }}
            >
              <span className={css.name}>{saved.name}</span>
              {saved.description !== '' && <span className="la-dim">{saved.description}</span>}
              <code className="la-clip la-dim">{saved.query === '' ? t('everything') : saved.query}</code>
              <span className={css.meta}>
                {t(`saved.short.${saved.visibility}`)}
                {!saved.mine && ` · ${saved.owner.displayName}`}
              </span>
            </UnstyledButton>
            {saved.editable && (
              <Tooltip label={t('saved.edit')}>
                <ActionIcon
                  aria-label={t('saved.editOf', { name: saved.name })}
                  onClick={() => {
                    setEdited(saved);
                  }}
                >
                  <IconPencil size={16} />
                </ActionIcon>
              </Tooltip>
            )}
            <Tooltip label={t('saved.copy')}>
              <ActionIcon
                aria-label={t('saved.copyOf', { name: saved.name })}
                onClick={() => {
                  copy.mutate(saved);
                }}
              >
                <IconCopy size={16} />
              </ActionIcon>
            </Tooltip>
            {saved.editable && (
              <Tooltip label={t('saved.remove')}>
                <ActionIcon
                  aria-label={t('saved.removeOf', { name: saved.name })}
                  onClick={() => {
                    remove.mutate(saved);
                  }}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
