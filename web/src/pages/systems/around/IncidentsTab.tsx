import '../../../i18n/incidents';

import { IconFlame } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Incident, incidentsQuery } from '../../../api/incidentQueries';
import { EmptyState } from '../../../kit/EmptyState';
import { type Column, List } from '../../../kit/List';
import { LevelBadge } from '../../../ui/Badge';
import { Ago } from '../../../ui/Time';
import { GraveMark, Lead, PhaseMark } from '../../incidents/marks';
import type { TabProps } from '../tabs';

/** The incidents that affect a system, ended or not. */
export function IncidentsTab({ system }: TabProps) {
  const { t } = useTranslation(['translation', 'incidents', 'systems']);
  const query = useInfiniteQuery(incidentsQuery({ system: system.id, status: 'any' }));
  const columns = useMemo<Column<Incident>[]>(
    () => [
      { id: 'severity', name: t('systems:around.level'), from: 'sm', cell: (i) => <LevelBadge level={i.severity} /> },
      {
        id: 'title',
        name: t('systems:around.incident'),
        main: true,
        cell: (i) => `${i.code} · ${i.title}`,
        under: (i) => i.grave && <GraveMark />,
      },
      { id: 'phase', name: t('incidents:column.phase'), cell: (i) => <PhaseMark phase={i.phase} /> },
      { id: 'lead', name: t('incidents:field.lead'), cell: (i) => <Lead incident={i} />, from: 'md' },
      { id: 'opened', name: t('systems:around.opened'), cell: (i) => <Ago at={i.openedAt} />, from: 'sm' },
    ],
    [t],
  );
  return (
    <List<Incident>
      label={t('systems:tab.incidents')}
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      id={(i) => i.id}
      name={(i) => `${i.code} ${i.title}`}
      columns={columns}
      tone={(i) => i.severity}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      page={(i) => `/incidents/${encodeURIComponent(i.id)}`}
      empty={<EmptyState icon={<IconFlame size={34} />} title={t('systems:around.noIncidents')} text={t('systems:around.incidentsText')} />}
    />
  );
}
