import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { Session } from '../../api/types';
import { ErrorState } from '../../ui/State';

interface FormProps {
  username?: string;
  onSignedIn: (session: Session) => void;
}

export function SignInForm({ username: known, onSignedIn }: FormProps) {
  const { t } = useTranslation();
  const [username, setUsername] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => call<Session>('/session', { method: 'POST', body: { username: username.trim(), password } }),
    onSuccess: onSignedIn,
    onError: () => {
      setPassword('');
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      <Stack gap="sm">
        {signIn.isError && <ErrorState error={signIn.error} />}
        <TextInput
          label={t('signin.username')}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus={known === undefined}
          autoFocus={known === undefined}
          value={username}
          onChange={(event) => {
            setUsername(event.currentTarget.value);
          }}
        />
        <PasswordInput
          label={t('signin.password')}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus={known !== undefined}
          autoFocus={known !== undefined}
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
          visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }}
        />
        <Button type="submit" loading={signIn.isPending} fullWidth mt={4}>
          {t('signin.submit')}
        </Button>
      </Stack>
    </form>
  );
}
