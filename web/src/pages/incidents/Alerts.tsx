import '../../i18n/incidents';

import { Text, TextInput } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type IncidentAlert, incidentAlertsQuery, incidentChanged, splitIncident } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { type BulkAction, type Column, List } from '../../kit/List';
import { isLevel } from '../../lib/levels';
import { LevelBadge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import css from './incidents.module.css';
import type { TabProps } from './IncidentPage';

/** The alerts of an incident; some of them can be taken out into one of their own. */
export function Alerts({ incident, acting }: TabProps) {
  const { t } = useTranslation(['translation', 'incidents']);
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const query = useQuery(incidentAlertsQuery(incident.id));
  const items = query.data?.items ?? [];
  const [splitting, setSplitting] = useState<IncidentAlert[]>();
  const [title, setTitle] = useState('');
  const columns: Column<IncidentAlert>[] = [
    { id: 'level', name: t('incidents:alert.level'), from: 'sm', cell: (alert) => isLevel(alert.level) && <LevelBadge level={alert.level} /> },
    {
      id: 'title',
      name: t('incidents:alert.title'),
      main: true,
      cell: (alert) => alert.title,
      under: (alert) => (
        <div className={css.under}>
          <span className={css.phone}>{isLevel(alert.level) && <LevelBadge level={alert.level} />}</span>
          <span className="la-mono">{alert.entity}</span>
        </div>
      ),
    },
    { id: 'added', name: t('incidents:alert.added'), from: 'md', cell: (alert) => <Time at={alert.addedAt} /> },
    { id: 'by', name: t('incidents:alert.by'), from: 'lg', cell: (alert) => alert.addedBy },
  ];
  const bulk: BulkAction<IncidentAlert>[] =
    incident.mayChange && !incident.mergedInto && may('incident.open') && items.length > 1
      ? [
          {
            id: 'split',
            name: t('incidents:alert.split'),
            key: 's',
            all: (chosen) => {
              if (chosen.length >= items.length) {
                toast({ message: t('incidents:alert.all') });
                return;
              }
              setTitle(chosen[0]?.title ?? '');
              setSplitting(chosen);
            },
          },
        ]
      : [];
  return (
    <>
      <div className={css.bar}>
        {incident.mayChange && !incident.mergedInto && incident.phase !== 'closed' && (
          <LinkButton to="/alerts" size="xs" variant="default">
            {t('incidents:none.toAlerts')}
          </LinkButton>
        )}
        {incident.mayChange && !incident.mergedInto && incident.phase !== 'closed' && (
          <Text size="sm" ml="auto">
            <button type="button" className={css.linkButton} onClick={acting.merge}>
              {t('incidents:alert.mergeAction')}
            </button>
          </Text>
        )}
      </div>
      <List<IncidentAlert>
        label={t('incidents:tab.alerts')}
        items={items}
        id={(alert) => alert.id}
        name={(alert) => alert.title}
        columns={columns}
        tone={(alert) => (isLevel(alert.level) ? alert.level : undefined)}
        query={query}
        page={(alert) => `/alerts/${encodeURIComponent(alert.id)}`}
        bulk={bulk}
        empty={
          <EmptyState icon={<IconBell size={32} />} title={t('incidents:alert.none')} text={t('incidents:alert.noneText')}>
            <Link to="/alerts">{t('incidents:none.toAlerts')}</Link>
          </EmptyState>
        }
      />
      {splitting && (
        <ConfirmDialog
          title={t('incidents:alert.split')}
          text={t('incidents:alert.splitText', { count: splitting.length })}
          confirm={t('incidents:alert.split')}
          onConfirm={async () => {
            const made = await splitIncident(incident.id, splitting.map((alert) => alert.id), title.trim());
            await incidentChanged(client);
            toast({ message: t('incidents:alert.splitDone', { code: made.code }) });
            await navigate({ to: '/incidents/$id', params: { id: made.id } });
          }}
          onClose={() => {
            setSplitting(undefined);
          }}
        >
          <TextInput
            label={t('incidents:alert.splitTitle')}
            data-autofocus
            maxLength={200}
            value={title}
            onChange={(event) => {
              setTitle(event.currentTarget.value);
            }}
          />
        </ConfirmDialog>
      )}
    </>
  );
}
