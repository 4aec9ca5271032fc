import '../../i18n/incidents';

import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { type Query } from '../../api/client';
import { someIncidentsQuery } from '../../api/incidentQueries';
import { DrillMark } from '../../kit/Drill';
import type { IncidentsParams } from '../../lib/incidentParams';
import { LevelBadge } from '../../ui/Badge';
import { ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import css from './incidents.module.css';
import { Lead, PhaseMark } from './marks';

interface Props {
  filter: Query;
  title: string;
  /** Shown where there is none; without it the part is left out then. */
  none?: string;
  /** Left out until there is something to show. */
  quiet?: boolean;
  /** The list of all of them. */
  all?: IncidentsParams;
}

/** The incidents that have to do with what another page shows. */
export function IncidentsHere({ filter, title, none, quiet, all }: Props) {
  const { t } = useTranslation('incidents');
  const { data, error, isPending, refetch } = useQuery(someIncidentsQuery(filter));
  const items = data?.items ?? [];
  if (quiet ? items.length === 0 : data !== undefined && items.length === 0 && none === undefined) return null;
  return (
    <section className={css.here} aria-label={title}>
      <Title order={3}>
        {title} {all && <Link to="/incidents" search={all} className={css.all}>{t('here.all')}</Link>}
      </Title>
      {isPending && <Rows count={2} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data && items.length === 0 && (
        <Text size="sm" className="la-dim">
          {none}
        </Text>
      )}
      <ul>
        {items.map((one) => (
          <li key={one.id} style={{ '--bar': `var(--la-${one.severity}-bar)` } as React.CSSProperties}>
            <Link to="/incidents/$id" params={{ id: one.id }}>
              <span className="la-mono">{one.code}</span> {one.title}
            </Link>
            <div className={css.under}>
              {one.drill && <DrillMark />} <LevelBadge level={one.severity} /> <PhaseMark phase={one.phase} />
              <span>
                {t('field.lead')}: <Lead incident={one} />
              </span>
              <Ago at={one.openedAt} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
