import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { passwordProblem } from '../../lib/password';
import { ErrorState } from '../../ui/State';

export function PasswordForm({ username, onDone }: { username: string; onDone: () => void }) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const problem = passwordProblem(next, username);
  const differs = next !== again;
  const change = useMutation({
    mutationFn: () => call('/session/password', { method: 'POST', body: { current, new: next } }),
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!problem && !differs) change.mutate();
      }}
    >
      <Stack gap="sm">
        {change.isError && <ErrorState error={change.error} />}
        <PasswordInput
          label={t('password.current')}
          name="current-password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus
          value={current}
          onChange={(event) => {
            setCurrent(event.currentTarget.value);
          }}
          visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }}
        />
        <PasswordInput
          label={t('password.new')}
          description={t('password.rule')}
          name="new-password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={next}
          error={tried && problem ? t(`password.problem.${problem}`) : undefined}
          onChange={(event) => {
            setNext(event.currentTarget.value);
          }}
          visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }}
        />
        <PasswordInput
          label={t('password.again')}
          name="new-password-again"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={again}
          error={tried && differs ? t('password.differs') : undefined}
          onChange={(event) => {
            setAgain(event.currentTarget.value);
          }}
          visibilityToggleButtonProps={{ 'aria-label': t('signin.showPassword') }}
        />
        <Button type="submit" loading={change.isPending} fullWidth mt={4}>
          {t('password.submit')}
        </Button>
      </Stack>
    </form>
  );
}
