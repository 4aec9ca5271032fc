import '../../i18n/incidents';

import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Incident, type IncidentDetail, incidentChanged, mergeIncident } from '../../api/incidentQueries';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import { IncidentPicker } from './FromAlerts';

/** Makes an incident part of another. */
export function MergeDialog({ incident, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [into, setInto] = useState<Incident>();
  const save = useMutation({
    mutationFn: () => mergeIncident(incident.id, into?.id ?? ''),
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      if (!into) return;
      toast({ message: t('alert.mergeDone', { code: into.code }) });
      void navigate({ to: '/incidents/$id', params: { id: into.id } });
    },
  });
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('alert.mergeTitle', { code: incident.code })}>
      <Form
        error={save.error}
        submit={t('alert.mergeSubmit')}
        busy={save.isPending}
        danger
        disabled={into === undefined}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Text size="sm">{t('alert.mergeText')}</Text>
        <IncidentPicker value={into?.id} onChange={setInto} filter={{ drill: incident.drill }} except={incident.id} />
      </Form>
    </Dialog>
  );
}
