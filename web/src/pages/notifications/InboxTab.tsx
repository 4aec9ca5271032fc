import { Button, Group, Switch } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type InboxItem, inboxQuery } from '../../api/notificationQueries';
import { LevelBadge } from '../../ui/Badge';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import { placeOf } from './places';

export function InboxTab() {
  const { t, i18n } = useTranslation('notifications');
  const client = useQueryClient();
  const [unread, setUnread] = useState(false);
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(inboxQuery(unread));
  const items = data?.pages.flatMap((p) => p.items) ?? [];
  const read = useMutation({
    mutationFn: (body: { ids?: string[]; upTo?: string }) => call('/notifications/inbox/read', { method: 'POST', body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['notifications'] }),
  });
  const title = (item: InboxItem) => {
    const text = i18n.language === 'vi' ? item.titleVi : item.title;
    const place = placeOf(item.object);
    if (!place) return text;
    return (
      <Link
        to={place.to as '/'}
        search={place.search as object}
        onClick={() => {
          if (!item.read) read.mutate({ ids: [item.id] });
        }}
      >
        {text}
      </Link>
    );
  };
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Switch
          label={t('unread')}
          checked={unread}
          onChange={(event) => {
            setUnread(event.currentTarget.checked);
          }}
        />
        <Button
          size="xs"
          variant="default"
          disabled={!items.some((item) => !item.read)}
          loading={read.isPending}
          onClick={() => {
            read.mutate({ upTo: items[0]?.id ?? '' });
          }}
        >
          {t('readAll')}
        </Button>
      </Group>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={6} />}
      {data && items.length === 0 && <EmptyState icon={<IconBell size={34} />} title={t('none.inbox')} text={t('none.inboxText')} />}
      {items.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('tab.inbox')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('level')}</th>
                <th>{t('what')}</th>
                <th>{t('unit')}</th>
                <th>{t('time')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <tr key={item.id} style={item.read ? undefined : { fontWeight: 620 }}>
                  <td>
                    <LevelBadge level={item.level as Parameters<typeof LevelBadge>[0]['level']} />
                  </td>
                  <td>
                    {title(item)} {item.total > 1 && <span className="la-dim">· {t('times', { n: item.total })}</span>}
                  </td>
                  <td>{item.unitName}</td>
                  <td>
                    <Ago at={item.at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage && (
        <Button mt="sm" variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </>
  );
}
