// What somebody without an account sees who was sent a link: outside the frame of
// the console, and without its session.
import '../../i18n/guest';

import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import { openGuestLink, visitQuery } from '../../api/guestQueries';
import { ErrorState, Rows } from '../../ui/State';
import { Entry } from '../signin/Entry';

const Visit = lazy(() => import('./Visit').then((m) => ({ default: m.Visit })));

// Read once: the link is taken out of the address as soon as it was used.
const secretOf = () => window.location.hash.slice(1);

export function GuestPage() {
  const [secret, setSecret] = useState(secretOf);
  const [left, setLeft] = useState(false);
  if (left) return <Left />;
  if (secret !== '') {
    return (
      <Ready
        secret={secret}
        onOpened={() => {
          window.history.replaceState(null, '', '/guest');
          setSecret('');
        }}
      />
    );
  }
  return (
    <Looking
      onLeft={() => {
        setLeft(true);
      }}
    />
  );
}

/** Asks before the link is used up: what only follows links to look at them uses none. */
function Ready({ secret, onOpened }: { secret: string; onOpened: () => void }) {
  const { t } = useTranslation('guest');
  const client = useQueryClient();
  const open = useMutation({
    mutationFn: () => openGuestLink(secret),
    onSuccess: () => {
      client.removeQueries({ queryKey: visitQuery.queryKey });
      onOpened();
    },
  });
  return (
    <Entry title={t('title')} text={t('ready.text')}>
      <Stack gap="sm">
        <Text size="sm">{t('ready.once')}</Text>
        <Text size="sm">{t('ready.duty')}</Text>
        {open.error ? (
          <ErrorState error={open.error} />
        ) : (
          <Button
            fullWidth
            loading={open.isPending}
            onClick={() => {
              open.mutate();
            }}
          >
            {t('ready.open')}
          </Button>
        )}
      </Stack>
    </Entry>
  );
}

function Looking({ onLeft }: { onLeft: () => void }) {
  const { t } = useTranslation('guest');
  const { data, error, isFetching, refetch } = useQuery(visitQuery);
  if (data) {
    return (
      <Suspense fallback={<Rows count={8} />}>
        <Visit visit={data} error={error} busy={isFetching} onReload={() => void refetch()} onLeft={onLeft} />
      </Suspense>
    );
  }
  if (!error) return <Rows count={8} />;
  // Somebody who never opened a link, or who is signed in to the console.
  if (error instanceof ApiError && (error.code === 'session.required' || error.code === 'permission.denied' || error.code.startsWith('session.'))) {
    return (
      <Entry title={t('empty.title')} text={t('empty.text')}>
        {null}
      </Entry>
    );
  }
  return (
    <Entry title={t('title')} text={t('again')}>
      <ErrorState error={error} retry={error instanceof ApiError && error.status < 500 && error.status > 0 ? undefined : () => void refetch()} />
    </Entry>
  );
}

function Left() {
  const { t } = useTranslation('guest');
  return (
    <Entry title={t('left.title')} text={t('left.text')}>
      {null}
    </Entry>
  );
}
