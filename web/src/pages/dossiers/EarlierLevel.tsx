import { Select, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { enterEarlierLevel, form08LinesQuery } from '../../api/dossierQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { DayInput } from '../units/fields';

const levels = ['1', '2', '3', '4', '5'] as const;

/** Notes a level that was approved under the law before, with the decision that says so. */
export function EarlierLevel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('dossiers');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [system, setSystem] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [sought] = useDebouncedValue(text, 300);
  const [level, setLevel] = useState<string | null>(null);
  const [decision, setDecision] = useState({ number: '', date: '', issuer: '' });
  const [reason, setReason] = useState('');
  const found = useInfiniteQuery(form08LinesQuery({ text: system === null ? sought : undefined }));
  const lines = found.data?.pages.flatMap((p) => p.items) ?? [];
  const enter = useMutation({
    mutationFn: () => enterEarlierLevel(client, { system: system ?? '', level: Number(level), decision, reason }),
    onSuccess: (made) => void navigate({ to: '/dossiers/$id', params: { id: made.id } }),
  });
  const wrong = useFieldErrors(enter.error);
  const incomplete = system === null || level === null || decision.number.trim() === '' || decision.issuer.trim() === '' || decision.date === '';
  return (
    <Dialog opened onClose={onClose} title={t('earlier.title')}>
      <p className="la-dim">{t('earlier.text')}</p>
      <Form error={enter.error} fields={['level', 'decision', 'decision.date', 'reason']} submit={t('earlier.enter')} busy={enter.isPending} disabled={incomplete} onCancel={onClose} onSubmit={() => { enter.mutate(); }}>
        <Select
          label={t('system')}
          searchable
          data-autofocus
          data={lines.map((line) => ({ value: line.system, label: `${line.systemCode} ${line.systemName}` }))}
          value={system}
          onSearchChange={setText}
          onChange={setSystem}
        />
        <Select label={t('level')} data={[...levels]} value={level} error={wrong('level')} onChange={setLevel} />
        <TextInput label={t('earlier.number')} maxLength={100} value={decision.number} error={wrong('decision')} onChange={(e) => { setDecision({ ...decision, number: e.currentTarget.value }); }} />
        <DayInput label={t('earlier.date')} value={decision.date} error={wrong('decision.date')} onChange={(date) => { setDecision({ ...decision, date }); }} />
        <TextInput label={t('earlier.issuer')} maxLength={200} value={decision.issuer} onChange={(e) => { setDecision({ ...decision, issuer: e.currentTarget.value }); }} />
        <Textarea label={t('earlier.reason')} autosize minRows={2} maxLength={4_000} value={reason} error={wrong('reason')} onChange={(e) => { setReason(e.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}
