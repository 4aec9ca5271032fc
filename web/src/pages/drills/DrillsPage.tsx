import '../../i18n/drills';

import { Button, Skeleton } from '@mantine/core';
import { IconPlus, IconSwords } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { drillsQuery } from '../../api/drillQueries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { formatTime } from '../../lib/time';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState } from '../../ui/State';
import { Denied } from '../users/Denied';
import { DrillDialog } from './DrillDialog';
import css from './drills.module.css';
import { StateBadge } from './parts';

export function DrillsPage() {
  return (
    <Denied action="drill.read">
      <Drills />
    </Denied>
  );
}

/** The exercises, the newest first. */
function Drills() {
  const { t } = useTranslation(['translation', 'drills']);
  const may = useMay();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const query = useQuery(drillsQuery);
  const add = may('drill.manage') && (
    <Button
      size="xs"
      leftSection={<IconPlus size={15} />}
      onClick={() => {
        setAdding(true);
      }}
    >
      {t('drills:new')}
    </Button>
  );
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.drills')}>{add}</PageHeader>
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={160} />}
      {query.data?.items.length === 0 && (
        <div className="la-card">
          <EmptyState icon={<IconSwords size={34} />} title={t('drills:nothing')} text={t('drills:noneText')} />
        </div>
      )}
      {query.data !== undefined && query.data.items.length > 0 && (
        <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={t('nav.drills')} tabIndex={0}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t('drills:name')}</th>
                <th scope="col">{t('drills:stateName')}</th>
                <th scope="col">{t('drills:units')}</th>
                <th scope="col">{t('drills:startedAt')}</th>
              </tr>
            </thead>
            <tbody>
              {query.data.items.map((drill) => (
                <tr key={drill.id}>
                  <td>
                    <Link to="/drills/$id" params={{ id: drill.id }}>
                      {drill.name}
                    </Link>
                  </td>
                  <td>
                    <StateBadge state={drill.state} />
                  </td>
                  <td>{drill.units.map((unit) => unit.name).join(', ')}</td>
                  <td className="la-nowrap">{formatTime(drill.startedAt ?? drill.from)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adding && (
        <DrillDialog
          onClose={() => {
            setAdding(false);
          }}
          onSaved={(drill) => void navigate({ to: '/drills/$id', params: { id: drill.id } })}
        />
      )}
    </div>
  );
}
