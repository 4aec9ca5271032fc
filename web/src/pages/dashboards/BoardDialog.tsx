import { Button, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Board, type BoardRange, boardRanges } from '../../api/boardQueries';
import { Dialog } from '../../ui/Dialog';
import { ErrorState } from '../../ui/State';

export interface BoardFacts {
  name: string;
  about: string;
  range: BoardRange;
  visibility: Board['visibility'];
}

interface Props {
  title: string;
  facts: BoardFacts;
  save: (facts: BoardFacts) => Promise<unknown>;
  onClose: () => void;
}

/** What a board is called, who sees it and what time it shows first. */
export function BoardDialog({ title, facts, save, onClose }: Props) {
  const { t } = useTranslation('boards');
  const [draft, setDraft] = useState(facts);
  const saving = useMutation({ mutationFn: save, onSuccess: onClose });
  const set = (what: Partial<BoardFacts>) => {
    setDraft({ ...draft, ...what });
  };
  return (
    <Dialog opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate(draft);
        }}
      >
        <Stack gap="sm">
          <TextInput label={t('edit.name')} required maxLength={120} data-autofocus value={draft.name} onChange={(event) => { set({ name: event.currentTarget.value }); }} />
          <Textarea label={t('edit.about')} maxLength={500} value={draft.about} onChange={(event) => { set({ about: event.currentTarget.value.replace(/\s*\n\s*/g, ' ') }); }} />
          <Select
            label={t('edit.visibility')}
            description={t('edit.scope')}
            allowDeselect={false}
            value={draft.visibility}
            onChange={(value) => {
              if (value === 'private' || value === 'unit' || value === 'everyone') set({ visibility: value });
            }}
            data={[
              { value: 'private', label: t('edit.private') },
              { value: 'unit', label: t('edit.ofUnit') },
              { value: 'everyone', label: t('edit.everyone') },
            ]}
          />
          <Select
            label={t('edit.firstRange')}
            allowDeselect={false}
            value={draft.range}
            onChange={(value) => {
              const range = boardRanges.find((r) => r === value);
              if (range) set({ range });
            }}
            data={boardRanges.map((value) => ({ value, label: t(`ranges.${value}`) }))}
          />
          {saving.error && <ErrorState error={saving.error} />}
          <Button type="submit" loading={saving.isPending} disabled={draft.name.trim() === ''}>
            {t('edit.save')}
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}
