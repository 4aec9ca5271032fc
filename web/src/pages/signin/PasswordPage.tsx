import { Alert } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { sessionQuery } from '../../api/queries';
import { Entry } from './Entry';
import { PasswordForm } from './PasswordForm';

/** The one-time password opens only this page. */
export function PasswordPage({ username, forced }: { username: string; forced: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <Entry title={t('password.title')} text={forced ? t('password.forced') : ''}>
      <PasswordForm
        username={username}
        onDone={() => {
          void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
        }}
      />
      <Alert mt="md" p="xs" variant="light" color="gray">
        {t('password.advice')}
      </Alert>
    </Entry>
  );
}
