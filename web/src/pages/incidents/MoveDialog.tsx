import '../../i18n/incidents';

import { Button, Group, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type IncidentDetail, incidentChanged, incidentTasksQuery, moveIncident } from '../../api/incidentQueries';
import { obligationsQuery } from '../../api/obligationQueries';
import { useMay } from '../../app/session';
import { Form } from '../../kit/Form';
import { lacking } from '../../lib/incidentDraft';
import type { Phase } from '../../lib/incidentParams';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import css from './incidents.module.css';

interface Props {
  incident: IncidentDetail;
  to: Phase;
  onClose: () => void;
  /** To the form of what is missing. */
  onWrite: () => void;
}

/** Takes an incident into another phase; before it is closed, says what is still open. */
export function MoveDialog({ incident, to, onClose, onWrite }: Props) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const may = useMay();
  const tasks = useQuery(incidentTasksQuery(incident.id)).data?.items ?? [];
  const owed = useQuery({ ...obligationsQuery({ subjectKind: 'incident', subject: incident.id, drill: incident.drill }), enabled: may('obligation.read') }).data?.items ?? [];
  const open = tasks.filter((task) => task.state === 'open' && (to === 'closed' || task.phase === incident.phase)).length;
  const save = useMutation({
    mutationFn: () => moveIncident(incident.id, incident.version, to),
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('move.done', { phase: t(`phase.${to}`) }), autoClose: 5_000 });
    },
  });
  const lacks = lacking(incident);
  const closing = to === 'closed';
  return (
    <Dialog opened onClose={onClose} title={t(closing ? 'move.close' : 'move.title')}>
      <Form
        error={save.error}
        submit={t(closing ? 'move.close' : 'move.confirm')}
        busy={save.isPending}
        disabled={closing && lacks.length > 0}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Text size="sm">{t('move.text', { code: incident.code, from: t(`phase.${incident.phase}`), to: t(`phase.${to}`) })}</Text>
        {!closing && open > 0 && <Text size="sm">{t('move.open', { count: open })}</Text>}
        {closing && (
          <>
            <Text size="sm" fw={600}>
              {t('move.needs')}
            </Text>
            <ul className={css.needs}>
              {(['cause', 'measure'] as const).map((field) => {
                const has = !lacks.includes(field);
                return (
                  <li key={field} data-has={has || undefined}>
                    {has ? <IconCheck size={16} aria-hidden="true" /> : <IconX size={16} aria-hidden="true" />} {t(`field.${field}`)}: {t(has ? 'move.has' : 'move.lacks')}
                  </li>
                );
              })}
            </ul>
            {lacks.length > 0 && (
              <Group>
                <Button size="xs" variant="light" onClick={onWrite}>
                  {t('next.write')}: {lacks.map((field) => t(`field.${field}`)).join(', ')}
                </Button>
              </Group>
            )}
            {open > 0 && <Text size="sm">{t('move.openTasks', { count: open })}</Text>}
            {owed.length > 0 && <Text size="sm">{t('move.owed', { count: owed.length })}</Text>}
            <Text size="sm" className="la-dim">
              {t('move.closeText')}
            </Text>
          </>
        )}
      </Form>
    </Dialog>
  );
}
