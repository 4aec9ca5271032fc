import { Modal, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Session } from '../../api/types';
import { SignInForm } from './SignInForm';

const FactorForm = lazy(() => import('../identity/FactorForm').then((m) => ({ default: m.FactorForm })));

/** Over the page whose session ended: nothing on it is lost by signing in again. */
export function ExpiredDialog({ username, onSignedIn }: { username: string; onSignedIn: (session: Session) => void }) {
  const { t } = useTranslation();
  const [half, setHalf] = useState(false);
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('signin.expired')}
      overlayProps={{ backgroundOpacity: 0.65, blur: 6 }}
    >
      <Text size="sm" className="la-dim" mb="sm">
        {t('signin.expiredText')}
      </Text>
      <Suspense fallback={null}>
        {half ? (
          <FactorForm onDone={onSignedIn} />
        ) : (
          <SignInForm
            username={username}
            onSignedIn={(session) => {
              if (session.pending === 'factor') setHalf(true);
              else onSignedIn(session);
            }}
          />
        )}
      </Suspense>
    </Modal>
  );
}
