import '../../i18n/identity';

import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { Session } from '../../api/types';
import { ErrorState } from '../../ui/State';

/** Shows the second factor: the app's code, or a recovery code in its place. */
export function FactorForm({ onDone }: { onDone: (session: Session) => void }) {
  const { t } = useTranslation(['translation', 'identity']);
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const prove = useMutation({
    mutationFn: () => call<Session>('/session/factor', { method: 'POST', body: recovery ? { recoveryCode: code } : { code } }),
    onSuccess: onDone,
    onError: () => {
      setCode('');
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        prove.mutate();
      }}
    >
      <Stack gap="sm">
        {prove.isError && <ErrorState error={prove.error} />}
        <TextInput
          key={recovery ? 'recovery' : 'code'}
          label={recovery ? t('identity:factor.recovery') : t('identity:factor.code')}
          description={recovery ? t('identity:factor.recoveryText') : undefined}
          name={recovery ? 'recovery-code' : 'code'}
          inputMode={recovery ? 'text' : 'numeric'}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus
          autoFocus
          value={code}
          onChange={(event) => {
            setCode(event.currentTarget.value);
          }}
        />
        <Button type="submit" loading={prove.isPending} fullWidth mt={4}>
          {t('identity:factor.submit')}
        </Button>
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => {
            setRecovery(!recovery);
            setCode('');
            prove.reset();
          }}
        >
          {recovery ? t('identity:factor.useCode') : t('identity:factor.useRecovery')}
        </Anchor>
      </Stack>
    </form>
  );
}
