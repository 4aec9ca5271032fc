import '../../../i18n/dossiers';

import { IconCertificate, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Dossier, dossiersQuery } from '../../../api/dossierQueries';
import { useMay } from '../../../app/session';
import { EmptyState } from '../../../kit/EmptyState';
import { type Column, List } from '../../../kit/List';
import { LinkButton } from '../../../ui/links';
import { Ago } from '../../../ui/Time';
import { Calls } from '../../dossiers/Calls';
import { ClockMark, LevelMark, StateMark } from '../../dossiers/marks';
import type { TabProps } from '../tabs';

/** The level dossiers of a system: the one under way and those before it. */
export function DossierTab({ system }: TabProps) {
  const { t } = useTranslation(['dossiers', 'systems']);
  const may = useMay();
  const query = useInfiniteQuery(dossiersQuery({ system: system.id }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const underWay = items.some((d) => d.state !== 'approved' && d.state !== 'withdrawn');
  const columns = useMemo<Column<Dossier>[]>(
    () => [
      { id: 'name', name: t('systems:around.dossier'), main: true, cell: (d) => d.code },
      { id: 'level', name: t('level'), cell: (d) => <LevelMark level={d.level} /> },
      { id: 'state', name: t('stateName'), cell: (d) => <StateMark state={d.state} /> },
      { id: 'due', name: t('due'), cell: (d) => <ClockMark dossier={d} />, from: 'sm' },
      { id: 'changed', name: t('changedAt'), cell: (d) => <Ago at={d.changedAt} />, from: 'md' },
    ],
    [t],
  );
  const begin = may('dossier.write') && !underWay && !query.isPending && (
    <LinkButton to="/dossiers" search={{ begin: system.id }} size="xs" leftSection={<IconPlus size={15} />}>
      {t('new')}
    </LinkButton>
  );
  return (
    <>
      <Calls system={system.id} />
      <List<Dossier>
        label={t('systems:tab.dossier')}
        items={items}
        id={(d) => d.id}
        name={(d) => d.code}
        columns={columns}
        query={query}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        page={(d) => `/dossiers/${encodeURIComponent(d.id)}`}
        filters={items.length > 0 && begin}
        empty={
          <EmptyState icon={<IconCertificate size={34} />} title={t('systems:around.noDossier')} text={t('systems:around.dossierText')}>
            {begin}
          </EmptyState>
        }
      />
    </>
  );
}
