import { ActionIcon, Button, Group, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconFilter, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { historyQuery } from '../../api/searchQueries';
import type { HistoryEntry } from '../../api/types';
import { fold, formatNumber } from '../../lib/format';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import css from './lists.module.css';
import { useRangeName } from './TimePicker';

/** What the reader asked before; nobody else sees it. */
export function HistoryList({ onOpen, onClose }: { onOpen: (entry: HistoryEntry) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation('search');
  const client = useQueryClient();
  const rangeName = useRangeName();
  const { data, error, isPending, refetch } = useQuery({ ...historyQuery, staleTime: 0 });
  const forget = useMutation({
    mutationFn: (id: string) => call(`/search/history${id === '' ? '' : `/${encodeURIComponent(id)}`}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: historyQuery.queryKey }),
  });
  const [text, setText] = useState('');
  const wanted = fold(text.trim());
  const items = (data?.items ?? []).filter((entry) => fold(entry.query).includes(wanted));
  return (
    <Dialog opened onClose={onClose} title={t('history.title')} size="lg">
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
          placeholder={t('history.find')}
          aria-label={t('history.find')}
        />
        <Button
          size="xs"
          variant="default"
          disabled={items.length === 0}
          onClick={() => {
            forget.mutate('');
          }}
        >
          {t('history.clear')}
        </Button>
      </Group>
      {(error ?? forget.error) && <ErrorState error={error ?? forget.error} retry={() => void refetch()} />}
      {isPending && <Rows count={6} />}
      {data && items.length === 0 && (
        <Text size="sm" className="la-dim" py="md" ta="center">
          {t('history.none')}
        </Text>
      )}
      <ul className={css.list}>
        {items.map((entry) => (
          <li key={entry.id}>
            <UnstyledButton
              className={css.main}
              onClick={() => {
                onOpen(entry);
              }}
            >
              <code className={css.query}>{entry.query === '' ? t('everything') : entry.query}</code>
              <span className={css.meta}>
                {rangeName(entry.range)}
                {entry.hits !== null && ` · ${t('found', { count: entry.hits, n: formatNumber(entry.hits, i18n.language) })}`}
                {` · ${t('took', { ms: formatNumber(entry.tookMs, i18n.language) })} · `}
                <Ago at={entry.at} />
              </span>
            </UnstyledButton>
            <Tooltip label={t('history.forget')}>
              <ActionIcon
                aria-label={t('history.forgetOf', { query: entry.query })}
                onClick={() => {
                  forget.mutate(entry.id);
                }}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
