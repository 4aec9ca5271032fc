import '../../i18n/identity';

import { Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { Ceremony, Session, SignInMethods } from '../../api/types';
import { calledOff, passkeysWork, showPasskey } from '../../lib/passkeys';
import { ErrorState } from '../../ui/State';

type Proof = 'code' | 'recoveryCode' | 'password';

/** Shows the second factor: the app's code, a recovery code in its place, or a passkey; the password where there is none. */
export function FactorForm({ onDone, passwordOnly = false }: { onDone: (session: Session) => void; passwordOnly?: boolean }) {
  const { t } = useTranslation(['translation', 'identity']);
  const [chosen, setChosen] = useState<Proof>('code');
  const kind: Proof = passwordOnly ? 'password' : chosen;
  const [text, setText] = useState('');
  const methods = useQuery({
    queryKey: ['sign-in-methods'],
    queryFn: ({ signal }) => call<SignInMethods>('/sign-in-methods', { signal }),
    staleTime: Infinity,
  });
  const prove = useMutation({
    mutationFn: () => call<Session>('/session/factor', { method: 'POST', body: { [kind]: text } }),
    onSuccess: onDone,
    onError: () => {
      setText('');
    },
  });
  const passkey = useMutation({
    mutationFn: async () => {
      const asked = await call<Ceremony>('/session/factor/passkey/begin', { method: 'POST' });
      const credential = await showPasskey(asked);
      return await call<Session>('/session/factor/passkey', { method: 'POST', body: { handle: asked.handle, credential } });
    },
    onSuccess: onDone,
  });
  const failed = prove.error ?? (calledOff(passkey.error) ? null : passkey.error);
  const field = {
    required: true,
    withAsterisk: false,
    'data-autofocus': true,
    autoFocus: true,
    value: text,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      setText(event.currentTarget.value);
    },
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        prove.mutate();
      }}
    >
      <Stack gap="sm">
        {failed && <ErrorState error={failed} />}
        {kind === 'password' && (
          <PasswordInput
            {...field}
            label={t('signin.password')}
            name="password"
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }}
          />
        )}
        {kind === 'code' && (
          <TextInput {...field} key="code" label={t('identity:factor.code')} name="code" inputMode="numeric" autoComplete="one-time-code" />
        )}
        {kind === 'recoveryCode' && (
          <TextInput
            {...field}
            key="recovery"
            label={t('identity:factor.recovery')}
            description={t('identity:factor.recoveryText')}
            name="recovery-code"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
        <Button type="submit" loading={prove.isPending} fullWidth mt={4}>
          {t('identity:factor.submit')}
        </Button>
        {!passwordOnly && methods.data && passkeysWork(methods.data.passkeyHost) && (
          <Button
            variant="default"
            leftSection={<IconFingerprint size={17} />}
            loading={passkey.isPending}
            onClick={() => {
              passkey.mutate();
            }}
          >
            {t('identity:passkey.use')}
          </Button>
        )}
        {!passwordOnly && (
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              setChosen(chosen === 'code' ? 'recoveryCode' : 'code');
              setText('');
              prove.reset();
            }}
          >
            {chosen === 'code' ? t('identity:factor.useRecovery') : t('identity:factor.useCode')}
          </Anchor>
        )}
      </Stack>
    </form>
  );
}
