import { Button, SegmentedControl } from '@mantine/core';
import '@mantine/core/styles/SegmentedControl.css';
import { IconMailForward } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, call } from '../../api/client';
import { deliveriesQuery, type Delivery } from '../../api/notificationQueries';
import { useMay } from '../../app/session';
import { Badge } from '../../ui/Badge';
import { useErrorText } from '../../ui/errors';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';

const tones = { waiting: 'medium', sent: 'ok', dead: 'critical', withheld: 'informational' } as const;

/** Why a message was not taken, in words, with what the receiver said behind it. */
export function Why({ code, reason }: { code: string; reason: string }) {
  const errorText = useErrorText();
  if (!code) return null;
  const { title, remedy } = errorText(new ApiError(422, { code }));
  return (
    <>
      {title}. {remedy} <span className="la-dim">{reason}</span>
    </>
  );
}

export function LogTab() {
  const { t } = useTranslation('notifications');
  const may = useMay();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [state, setState] = useState('');
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(deliveriesQuery(state));
  const items = data?.pages.flatMap((p) => p.items) ?? [];
  const resend = useMutation({
    mutationFn: (d: Delivery) => call(`/notifications/deliveries/${encodeURIComponent(d.id)}/resend`, { method: 'POST' }),
    onSuccess: () => {
      toast({ message: t('resent') });
      void client.invalidateQueries({ queryKey: ['notifications', 'deliveries'] });
    },
    onError: (cause) => {
      const words = errorText(cause);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  return (
    <>
      <SegmentedControl
        mb="sm"
        value={state}
        onChange={setState}
        aria-label={t('state')}
        data={[
          { value: '', label: t('states.all') },
          ...(['waiting', 'sent', 'dead', 'withheld'] as const).map((value) => ({ value, label: t(`states.${value}`) })),
        ]}
      />
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={6} />}
      {data && items.length === 0 && <EmptyState icon={<IconMailForward size={34} />} title={t('none.log')} text={t('none.logText')} />}
      {items.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('tab.log')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('time')}</th>
                <th>{t('state')}</th>
                <th>{t('to')}</th>
                <th>{t('channel')}</th>
                <th>{t('what')}</th>
                <th>{t('why')}</th>
                <th>
                  <span className="la-hidden">{t('actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((d) => (
                <tr key={d.id}>
                  <td>
                    <Time at={d.sentAt ?? d.createdAt} />
                  </td>
                  <td>
                    <Badge tone={tones[d.state]}>{t(`states.${d.state}`)}</Badge>
                  </td>
                  <td>{d.to || '–'}</td>
                  <td>{d.channelName || '–'}</td>
                  <td>{d.subject}</td>
                  <td>
                    <Why code={d.code} reason={d.reason} /> {d.attempts > 1 && t('attempts', { n: d.attempts })}
                  </td>
                  <td>
                    {may('notification.manage') && d.state !== 'withheld' && (d.state !== 'waiting' || d.attempts > 0) && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => {
                          resend.mutate(d);
                        }}
                      >
                        {t('resend')}
                      </Button>
                    )}
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
