import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { Saved } from '../../api/types';
import type { SavedContent } from '../../lib/savedSearch';
import { useErrorText } from '../../ui/errors';
import { hideToast, toast } from '../../ui/toast';

export type SavedFields = Pick<Saved, 'name' | 'description' | 'visibility'>;

const undoMs = 10_000;
const path = (id: string) => `/search/saved/${encodeURIComponent(id)}`;

/** Saving, changing, copying and removing searches; a removal can be undone. */
export function useSavedActions() {
  const { t } = useTranslation(['search', 'translation']);
  const errorText = useErrorText();
  const client = useQueryClient();
  const settle = (saved?: Saved) => {
    if (saved) client.setQueryData(['saved', saved.id], saved);
    void client.invalidateQueries({ queryKey: ['saved'], exact: true });
  };
  const fail = (error: unknown) => {
    const words = errorText(error);
    toast({ color: 'red', title: words.title, message: words.remedy, autoClose: undoMs });
    void client.invalidateQueries({ queryKey: ['saved'] });
  };

  const create = useMutation({
    mutationFn: (body: SavedFields & SavedContent) => call<Saved>('/search/saved', { method: 'POST', body }),
    onSuccess: settle,
  });
  const change = useMutation({
    mutationFn: ({ saved, next }: { saved: Saved; next: Partial<SavedFields & SavedContent> }) =>
      call<Saved>(path(saved.id), { method: 'PATCH', body: { version: saved.version, ...next } }),
    onSuccess: settle,
  });
  const copy = useMutation({
    mutationFn: (saved: Saved) => call<Saved>(`${path(saved.id)}/copy`, { method: 'POST', body: {} }),
    onSuccess: (made) => {
      settle(made);
      toast({ message: t('saved.copied', { name: made.name }) });
    },
    onError: fail,
  });
  const remove = useMutation({
    mutationFn: (saved: Saved) => call(path(saved.id), { method: 'DELETE', query: { version: saved.version } }),
    onSuccess: (_, saved) => {
      settle();
      const { name, description, visibility, query, range, columns, view } = saved;
      const id = toast({
        autoClose: undoMs,
        message: (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">{t('saved.removed', { name })}</Text>
            <Button
              size="compact-sm"
              variant="light"
              onClick={() => {
                hideToast(id);
                create.mutate({ name, description, visibility, query, range, columns, view }, { onError: fail });
              }}
            >
              {t('translation:action.undo')}
            </Button>
          </Group>
        ),
      });
    },
    onError: fail,
  });
  return { create, change, copy, remove };
}
