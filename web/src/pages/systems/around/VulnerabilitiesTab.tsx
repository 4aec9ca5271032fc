import '../../../i18n/vulnerabilities';

import { IconBug } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Finding, findingPagesQuery } from '../../../api/vulnerabilityQueries';
import { EmptyState } from '../../../kit/EmptyState';
import { type Column, List } from '../../../kit/List';
import { DueDay, nameOf, SeverityBadge, StateBadge, Urgency } from '../../vulnerabilities/parts';
import type { TabProps } from '../tabs';

/** The weaknesses of a system that are open, the most urgent first. */
export function VulnerabilitiesTab({ system }: TabProps) {
  const { t } = useTranslation(['vulnerabilities', 'systems']);
  const query = useInfiniteQuery(findingPagesQuery({ system: system.id }));
  const columns = useMemo<Column<Finding>[]>(
    () => [
      {
        id: 'title',
        name: t('title'),
        main: true,
        cell: (f) => f.title,
        under: (f) => (
          <div className="la-dim la-mono">
            {f.code} · {f.host} {f.place}
          </div>
        ),
      },
      { id: 'severity', name: t('severity'), cell: (f) => <SeverityBadge severity={f.severity} /> },
      { id: 'urgency', name: t('urgency'), cell: (f) => <Urgency finding={f} />, from: 'sm' },
      { id: 'state', name: t('state'), cell: (f) => <StateBadge state={f.state} />, from: 'sm' },
      { id: 'due', name: t('due'), cell: (f) => <DueDay finding={f} />, from: 'md' },
    ],
    [t],
  );
  return (
    <List<Finding>
      label={t('systems:tab.vulnerabilities')}
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      id={(f) => f.id}
      name={nameOf}
      columns={columns}
      tone={(f) => (f.kev || f.late ? 'critical' : undefined)}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      page={(f) => `/vulnerabilities/${encodeURIComponent(f.id)}`}
      empty={<EmptyState icon={<IconBug size={34} />} title={t('systems:around.noVulnerabilities')} text={t('systems:around.vulnerabilitiesText')} />}
    />
  );
}
