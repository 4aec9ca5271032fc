import { Anchor, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { sessionQuery } from '../../api/queries';
import type { Session } from '../../api/types';
import { setLanguage } from '../../i18n';
import { Logo } from '../../ui/Logo';
import { usePageTitle } from '../../ui/PageHeader';
import { ErrorState } from '../../ui/State';
import css from './signin.module.css';

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

export function Entry({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
  const { t, i18n } = useTranslation();
  usePageTitle(title);
  const other = i18n.language === 'vi' ? 'en' : 'vi';
  return (
    <main className={css.page}>
      <div className={css.box}>
        <div className={css.brand}>
          <Logo size={44} />
          <div>
            <div className={css.name}>{t('app.name')}</div>
            <div className="la-dim">{t('app.tagline')}</div>
          </div>
        </div>
        <div className={`la-card ${css.form ?? ''}`}>
          <Title order={1} mb={4}>
            {title}
          </Title>
          <Text size="sm" className="la-dim" mb="md">
            {text}
          </Text>
          {children}
        </div>
        <Text size="xs" ta="center">
          <Anchor component="button" type="button" size="xs" lang={other} onClick={() => void setLanguage(other)}>
            {t('language.other')}
          </Anchor>
        </Text>
      </div>
    </main>
  );
}

export function SignInPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <Entry title={t('signin.title')} text={t('signin.text')}>
      <SignInForm
        onSignedIn={(session) => {
          client.setQueryData(sessionQuery.queryKey, session);
        }}
      />
      <Text size="xs" className="la-dim" mt="md">
        {t('signin.first')}
      </Text>
    </Entry>
  );
}
