import '../../i18n/drills';
import '../../i18n/triage';

import { Select, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { drillsQuery } from '../../api/drillQueries';
import type { Alert, AlertDetail } from '../../api/types';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';

/** Marks an alert as of an exercise that its unit takes part in, or as real again. */
export function MarkDrill({ alert, onClose }: { alert: AlertDetail; onClose: () => void }) {
  const { t } = useTranslation('triage');
  const client = useQueryClient();
  const marked = alert.drill !== '';
  const drills = useQuery({ ...drillsQuery, enabled: !marked });
  const fitting = (drills.data?.items ?? []).filter((drill) => (drill.state === 'running' || drill.state === 'ended') && drill.units.some((unit) => unit.id === alert.unit));
  const [chosen, setChosen] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const drill = chosen ?? fitting.find((one) => one.state === 'running')?.id ?? '';
  const save = useMutation({
    mutationFn: () => call<Alert>(`/alerts/${encodeURIComponent(alert.id)}/drill`, { method: 'PUT', body: { drill: marked ? '' : drill, note, version: alert.version } }),
    onSuccess: async () => {
      toast({ message: t('drill.saved') });
      await Promise.all([client.invalidateQueries({ queryKey: ['alert', alert.id] }), client.invalidateQueries({ queryKey: ['alerts'] })]);
      onClose();
    },
  });
  const error = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t(marked ? 'drill.unmark' : 'drill.mark')}>
      <Form error={save.error} fields={['drill', 'note']} submit={t('drill.submit')} busy={save.isPending} disabled={note.trim() === '' || (!marked && drill === '')} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <Text size="sm">{t(marked ? 'drill.unmarkText' : 'drill.markText')}</Text>
        {!marked && drills.data && fitting.length === 0 && <Text size="sm">{t('drill.noDrill')}</Text>}
        {!marked && fitting.length > 0 && (
          <Select
            label={t('drill.which')}
            data={fitting.map(({ id, name }) => ({ value: id, label: name }))}
            value={drill || null}
            error={error('drill')}
            allowDeselect={false}
            onChange={setChosen}
          />
        )}
        <Textarea label={t('drill.why')} autosize minRows={2} maxLength={4_000} data-autofocus value={note} error={error('note')} onChange={(event) => { setNote(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}
