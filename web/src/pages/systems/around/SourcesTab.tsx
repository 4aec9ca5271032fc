import '../../../i18n/sources';

import { IconRouter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type SourceHealth, sourceListQuery } from '../../../api/sourceQueries';
import { EmptyState } from '../../../kit/EmptyState';
import { type Column, List } from '../../../kit/List';
import { Ago } from '../../../ui/Time';
import { SourceState } from '../../sources/SourceState';
import type { TabProps } from '../tabs';

const nameOf = (x: SourceHealth) => x.host || x.peer;

/** Who of a system sends logs, those that most need a look first. */
export function SourcesTab({ system }: TabProps) {
  const { t } = useTranslation(['translation', 'sources', 'systems']);
  const query = useQuery(sourceListQuery({ system: system.id }));
  const columns = useMemo<Column<SourceHealth>[]>(
    () => [
      { id: 'status', name: t('sources:filter'), cell: (x) => <SourceState source={x} /> },
      { id: 'host', name: t('sources:host'), main: true, cell: nameOf, under: (x) => x.host !== '' && x.peer !== x.host && <div className="la-dim la-mono">{x.peer}</div> },
      { id: 'kind', name: t('sources:kind'), cell: (x) => [x.product, x.service].filter(Boolean).join(' / ') || x.format, from: 'sm' },
      { id: 'seen', name: t('sources:lastSeen'), cell: (x) => <Ago at={x.lastSeen} /> },
    ],
    [t],
  );
  return (
    <List<SourceHealth>
      label={t('systems:tab.sources')}
      items={query.data?.items ?? []}
      id={(x) => x.id}
      name={nameOf}
      columns={columns}
      query={query}
      page={(x) => `/sources?id=${encodeURIComponent(x.id)}`}
      empty={<EmptyState icon={<IconRouter size={34} />} title={t('systems:around.noSources')} text={t('systems:around.sourcesText')} />}
    />
  );
}
