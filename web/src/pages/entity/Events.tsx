import { Text, Title } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { SearchResult } from '../../api/types';
import { EntityValue } from '../../kit/EntityLink';
import { resolveRange } from '../../lib/time';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './entity.module.css';

const shown = 20;

/** The newest events of an entity, and the way to all of them. */
export function Events({ query, range }: { query: string; range: { from: string; to: string } }) {
  const { t } = useTranslation(['translation', 'entity']);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['entity events', query, range],
    queryFn: ({ signal }) =>
      call<SearchResult>('/search', { method: 'POST', body: { query, ...resolveRange(range, Date.now()), limit: shown }, signal }),
    staleTime: 60_000,
    retry: false,
  });
  return (
    <section className={`la-card ${page.pad ?? ''}`}>
      <Title order={2}>{t('entity:latest')}</Title>
      {isPending && <Rows count={5} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.events.length === 0 && (
        <EmptyState icon={<IconListSearch size={32} />} title={t('entity:noEvents')} text={t('entity:noEventsText')} />
      )}
      {data && data.events.length > 0 && (
        <>
          <ul className={css.pairs}>
            {data.events.map((event) => (
              <li key={event.id} style={{ display: 'block', borderTop: '1px solid var(--la-line)', padding: '6px 0' }}>
                <Text size="xs" className="la-dim">
                  <Time at={event.time} /> · <EntityValue field="host" value={event.host} />
                  {' · '}
                  {[event.product, event.category, event.service].filter(Boolean).join(' / ') || event.format}
                </Text>
                <div className={`la-mono ${css.raw ?? ''}`}>{event.raw.length > 300 ? `${event.raw.slice(0, 300)}…` : event.raw}</div>
              </li>
            ))}
          </ul>
          <Link to="/search" search={{ q: query, ...range }}>
            {t('entity:search')}
          </Link>
        </>
      )}
    </section>
  );
}
