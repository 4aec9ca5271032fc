import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { sessionQuery } from '../../api/queries';
import type { Session } from '../../api/types';
import { Entry } from './Entry';
import { SignInForm } from './SignInForm';

const SignInMethods = lazy(() => import('../identity/SignInMethods').then((m) => ({ default: m.SignInMethods })));

export function SignInPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const enter = (session: Session) => {
    client.setQueryData(sessionQuery.queryKey, session);
  };
  return (
    <Entry title={t('signin.title')} text={t('signin.text')}>
      <SignInForm onSignedIn={enter} />
      <Suspense fallback={null}>
        <SignInMethods onSignedIn={enter} />
      </Suspense>
      <Text size="xs" className="la-dim" mt="md">
        {t('signin.first')}
      </Text>
    </Entry>
  );
}
