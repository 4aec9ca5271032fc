import { Button, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { Enrolled, TotpSetup as Setup } from '../../api/types';
import { Code } from '../../ui/Copy';
import { ErrorState } from '../../ui/State';
import css from './identity.module.css';

/** Three steps to an authenticator app. */
export function TotpSetup({ onDone }: { onDone: (enrolled: Enrolled) => void }) {
  const { t } = useTranslation(['translation', 'identity']);
  const [code, setCode] = useState('');
  // A secret is made for this showing and not kept: the next one has its own.
  const setup = useQuery({
    queryKey: ['totp-setup'],
    queryFn: () => call<Setup>('/me/totp', { method: 'POST' }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const accept = useMutation({
    mutationFn: () => call<Enrolled>('/me/totp/confirm', { method: 'POST', body: { code } }),
    onSuccess: onDone,
    onError: () => {
      setCode('');
    },
  });
  if (setup.isError) return <ErrorState error={setup.error} retry={() => void setup.refetch()} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        accept.mutate();
      }}
    >
      <Stack gap="sm">
        {accept.isError && <ErrorState error={accept.error} />}
        <ol className={css.steps}>
          <li>{t('identity:enrol.install')}</li>
          <li>
            <Stack gap={8} align="flex-start">
              {t('identity:enrol.scan')}
              {setup.data ? (
                <img className={css.qr} src={setup.data.qr} alt={t('identity:enrol.qr')} width={184} height={184} />
              ) : (
                <Skeleton width={184} height={184} />
              )}
              <Text size="xs" className="la-dim">
                {t('identity:enrol.manual')}
              </Text>
              <div style={{ width: '100%' }} data-testid="totp-secret">
                <Code text={setup.data?.secret ?? ''} wrap label={t('identity:enrol.key')} />
              </div>
            </Stack>
          </li>
          <li>
            <TextInput
              label={t('identity:enrol.type')}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              withAsterisk={false}
              value={code}
              onChange={(event) => {
                setCode(event.currentTarget.value);
              }}
            />
          </li>
        </ol>
        <Button type="submit" loading={accept.isPending} disabled={!setup.data} fullWidth>
          {t('identity:enrol.submit')}
        </Button>
      </Stack>
    </form>
  );
}
