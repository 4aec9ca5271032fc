import { Button, Group } from '@mantine/core';
import { IconSearchOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { overviewQuery } from '../../api/queries';
import { type Asked, nearestQuery } from '../../api/searchQueries';
import { formatTime, type TimeRange } from '../../lib/time';
import { FirstLog } from '../../ui/FirstLog';
import { EmptyState } from '../../ui/State';

interface Props {
  asked: Asked;
  onRange: (range: TimeRange) => void;
  onQuery: (query: string) => void;
}

/** Nothing matches: where the nearest event that does is, and how to ask for more. */
export function NothingFound({ asked, onRange, onQuery }: Props) {
  const { t } = useTranslation('search');
  // Nothing at all has ever arrived: teach how to send instead of how to search.
  const ever = useQuery({ ...overviewQuery('365d'), refetchInterval: false });
  const nearest = useQuery(nearestQuery(asked));
  if (ever.data?.eventsTotal === 0 && ever.data.sources.length === 0) return <FirstLog />;
  const last = nearest.data?.events[0]?.time;
  const around = () => {
    if (last === undefined) return;
    // A range as long as the one asked for, that ends right after the event.
    const length = Date.parse(asked.to) - Date.parse(asked.from);
    const end = Date.parse(last) + Math.min(60_000, length / 2);
    onRange({ from: new Date(end - length).toISOString(), to: new Date(end).toISOString() });
  };
  return (
    <EmptyState icon={<IconSearchOff size={34} />} title={t('nothing')} text={t('nothingText')}>
      <Group justify="center" gap="xs">
        {last !== undefined && (
          <Button size="xs" onClick={around}>
            {t('nearest', { time: formatTime(last) })}
          </Button>
        )}
        {['30d', '3650d'].map((span) => (
          <Button
            key={span}
            variant="default"
            size="xs"
            onClick={() => {
              onRange({ from: `now-${span}`, to: 'now' });
            }}
          >
            {t(span === '30d' ? 'widen30d' : 'widenAll')}
          </Button>
        ))}
        {asked.query !== '' && (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              onQuery('');
            }}
          >
            {t('dropQuery')}
          </Button>
        )}
      </Group>
      {nearest.isFetching && (
        <span className="la-dim" role="status" style={{ textAlign: 'center' }}>
          {t('nearestLooking')}
        </span>
      )}
      {nearest.data && last === undefined && (
        <span className="la-dim" role="status" style={{ textAlign: 'center' }}>
          {t('nearestNone')}
        </span>
      )}
    </EmptyState>
  );
}
