import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { sessionQuery } from '../../api/queries';
import { Entry } from './Entry';
import { SignInForm } from './SignInForm';

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
