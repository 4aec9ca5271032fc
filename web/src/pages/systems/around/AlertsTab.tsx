import { IconBell } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { alertsQuery } from '../../../api/queries';
import type { Alert } from '../../../api/types';
import { DrillMark } from '../../../kit/Drill';
import { EmptyState } from '../../../kit/EmptyState';
import { FilterChips } from '../../../kit/filters';
import { type Column, List } from '../../../kit/List';
import { LevelBadge, StatusBadge } from '../../../ui/Badge';
import { Ago } from '../../../ui/Time';
import { titleOf } from '../../alerts/names';
import type { TabProps } from '../tabs';

const shown = ['open', 'all'] as const;

/** The alerts about the machines of a system, those seen last first. */
export function AlertsTab({ system }: TabProps) {
  const { t, i18n } = useTranslation(['translation', 'systems']);
  const [all, setAll] = useState(false);
  const query = useInfiniteQuery(alertsQuery({ system: system.id, sort: '-lastSeen', status: all ? undefined : 'new,in_progress' }));
  const columns = useMemo<Column<Alert>[]>(
    () => [
      { id: 'level', name: t('systems:around.level'), from: 'sm', cell: (a) => <LevelBadge level={a.level} /> },
      {
        id: 'title',
        name: t('systems:around.alert'),
        main: true,
        cell: (a) => titleOf(a, i18n.language),
        under: (a) => (
          <div className="la-dim">
            {a.drill !== '' && <DrillMark />} <span className="la-mono">{a.entityValue}</span> · {t('systems:around.times', { count: a.count })}
          </div>
        ),
      },
      { id: 'status', name: t('systems:around.status'), cell: (a) => <StatusBadge status={a.status} /> },
      { id: 'seen', name: t('systems:around.lastSeen'), cell: (a) => <Ago at={a.lastSeen} />, from: 'sm' },
    ],
    [t, i18n.language],
  );
  return (
    <List<Alert>
      label={t('systems:tab.alerts')}
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      id={(a) => a.id}
      name={(a) => titleOf(a, i18n.language)}
      columns={columns}
      tone={(a) => a.level}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      page={(a) => `/alerts/${encodeURIComponent(a.id)}`}
      filters={<FilterChips label={t('systems:around.which')} values={shown} chosen={[all ? 'all' : 'open']} single name={(x) => t(`systems:around.${x}`)} onChange={([x]) => { setAll(x === 'all'); }} />}
      empty={<EmptyState icon={<IconBell size={34} />} title={t(all ? 'systems:around.noAlertsEver' : 'systems:around.noAlerts')} text={t('systems:around.alertsText')} />}
    />
  );
}
