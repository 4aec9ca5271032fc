import '../../i18n/identity';

import { Anchor, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { sessionQuery } from '../../api/queries';
import type { Enrolled, Session } from '../../api/types';
import { Entry } from '../signin/Entry';
import { PasswordPage } from '../signin/PasswordPage';
import { FactorForm } from './FactorForm';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup } from './TotpSetup';

/** What a person who began to sign in has still to do. */
export function PendingPage({ session }: { session: Session }) {
  const { t } = useTranslation(['translation', 'identity']);
  const client = useQueryClient();
  const [enrolled, setEnrolled] = useState<Enrolled>();
  const enter = (next: Session) => {
    client.setQueryData(sessionQuery.queryKey, next);
  };
  if (session.pending === 'password') return <PasswordPage username={session.user.username} forced />;
  const leave = (
    <Text size="sm" mt="md">
      <Anchor
        component="button"
        type="button"
        size="sm"
        onClick={() => {
          void call('/session', { method: 'DELETE' }).finally(() => {
            client.setQueryData(sessionQuery.queryKey, null);
          });
        }}
      >
        {t('identity:factor.other')}
      </Anchor>
    </Text>
  );
  if (session.pending === 'factor') {
    return (
      <Entry title={t('identity:factor.title')} text={t('identity:factor.text')}>
        <FactorForm onDone={enter} />
        {leave}
      </Entry>
    );
  }
  if (enrolled) {
    return (
      <Entry title={t('identity:recovery.title')} text="">
        <RecoveryCodes
          codes={enrolled.recoveryCodes}
          username={session.user.username}
          onDone={() => {
            enter(enrolled.session);
          }}
        />
      </Entry>
    );
  }
  return (
    <Entry title={t('identity:enrol.title')} text={t('identity:enrol.forced')}>
      <TotpSetup onDone={setEnrolled} />
      {leave}
    </Entry>
  );
}
