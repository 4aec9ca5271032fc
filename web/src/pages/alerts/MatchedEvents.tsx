import { Text, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { alertEventsQuery, alertEventsShown } from '../../api/queries';
import type { AlertDetail, LogEvent } from '../../api/types';
import { useKeys } from '../../app/keys';
import { summary } from '../../lib/events';
import { formatNumber } from '../../lib/format';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { EventDrawer } from '../search/EventDrawer';
import css from './alerts.module.css';

/** The newest events of an alert, and the way to all of them. */
export function MatchedEvents({ alert }: { alert: AlertDetail }) {
  const { t, i18n } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(alertEventsQuery(alert.id));
  const [shown, setShown] = useState<LogEvent>();
  // A signal may be about no events at all.
  if (alert.signal && data?.query === '') return null;
  // The count of a correlation's alert is of series, each of several events; that of a signal, of times it was raised.
  const listed = data?.events.length ?? 0;
  const count = alert.series ?? alert.signal ? `${String(listed)}${listed < alertEventsShown ? '' : '+'}` : formatNumber(alert.count, i18n.language);
  return (
    <section>
      <div className={css.sectionHead}>
        <Title order={3}>{t('alerts.events', { n: count })}</Title>
        {data && (
          <LinkButton
            to="/search"
            search={{ q: data.query, from: data.from, to: data.to }}
            size="compact-sm"
            variant="default"
            leftSection={<IconSearch size={14} />}
          >
            {t('alerts.openSearch')}
          </LinkButton>
        )}
      </div>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={4} />}
      {data?.events.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('alerts.eventsGone')}
        </Text>
      )}
      <ul className={css.events}>
        {data?.events.map((event) => (
          <li key={event.id}>
            <button
              type="button"
              onClick={() => {
                setShown(event);
              }}
            >
              <span className="la-dim">
                <Time at={event.time} />
              </span>
              <span className="la-mono">{summary(event)}</span>
            </button>
          </li>
        ))}
      </ul>
      {shown && (
        <EventFromAlert
          event={shown}
          onClose={() => {
            setShown(undefined);
          }}
        />
      )}
    </section>
  );
}

function EventFromAlert({ event, onClose }: { event: LogEvent; onClose: () => void }) {
  useKeys({ Escape: onClose }, { over: true });
  const [id, setId] = useState(event.id);
  const openSearch = (field: string, value: string, negate: boolean) => {
    const at = Date.parse(event.time);
    void import('../../lib/query').then(({ addFilter }) => {
      const params = new URLSearchParams({
        q: addFilter('', field, value, negate),
        from: new Date(at - 3_600_000).toISOString(),
        to: new Date(at + 3_600_000).toISOString(),
      });
      window.location.assign(`/search?${params.toString()}`);
    });
  };
  return (
    <EventDrawer
      id={id}
      known={id === event.id ? event : undefined}
      onFilter={openSearch}
      onClose={onClose}
      onShow={setId}
    />
  );
}
