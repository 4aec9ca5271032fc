import { Select, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { beginDossier, form08LinesQuery, levelsQuery } from '../../api/dossierQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';

/** Begins the dossier of a system of the register. */
export function NewDossier({ system: given, onClose }: { system?: string | undefined; onClose: () => void }) {
  const { t, i18n } = useTranslation('dossiers');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [system, setSystem] = useState<string | null>(given ?? null);
  const [text, setText] = useState('');
  const [sought] = useDebouncedValue(text, 300);
  const [trigger, setTrigger] = useState<string | null>(null);
  const [criteria, setCriteria] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const chosen = useInfiniteQuery(form08LinesQuery({ text: given === undefined && system === null ? sought : undefined }));
  const book = useQuery(levelsQuery).data;
  const begin = useMutation({
    mutationFn: () => beginDossier(client, { system: system ?? '', ...(trigger !== null && { trigger }), ...(criteria !== null && { criteria }), reason }),
    onSuccess: (made) => void navigate({ to: '/dossiers/$id', params: { id: made.id } }),
  });
  const fieldError = useFieldErrors(begin.error);
  const lines = chosen.data?.pages.flatMap((p) => p.items) ?? [];
  const word = (one: { vi: string; en: string }) => (i18n.language === 'vi' ? one.vi : one.en);
  return (
    <Dialog opened onClose={onClose} title={t('new')}>
      <Form error={begin.error} fields={['trigger', 'criteria', 'reason']} submit={t('begin')} busy={begin.isPending} disabled={system === null} onCancel={onClose} onSubmit={() => { begin.mutate(); }}>
        <Select
          label={t('system')}
          description={lines.length === 0 && !chosen.isPending ? t('noSystems') : t('systemHint')}
          searchable
          data-autofocus
          data={lines.map((line) => ({ value: line.system, label: `${line.systemCode} ${line.systemName}` }))}
          value={system}
          onSearchChange={setText}
          onChange={setSystem}
        />
        <Select
          label={t('trigger')}
          description={t('triggerHint')}
          placeholder={t('firstTime')}
          clearable
          data={(book?.triggers ?? []).map((one) => ({ value: one.id, label: word(one) }))}
          value={trigger}
          error={fieldError('trigger')}
          onChange={setTrigger}
        />
        <Select
          label={t('criteria')}
          placeholder={book?.criteria[0] && word(book.criteria[0])}
          clearable
          data={(book?.criteria ?? []).map((one) => ({ value: one.id, label: word(one) }))}
          value={criteria}
          error={fieldError('criteria')}
          onChange={setCriteria}
        />
        <Textarea label={t('reason')} autosize minRows={2} maxLength={4_000} value={reason} error={fieldError('reason')} onChange={(event) => { setReason(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}
