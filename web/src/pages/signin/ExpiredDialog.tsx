import { Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { Session } from '../../api/types';
import { SignInForm } from './SignInForm';

/** Over the page whose session ended: nothing on it is lost by signing in again. */
export function ExpiredDialog(props: { username: string; onSignedIn: (session: Session) => void }) {
  const { t } = useTranslation();
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
      <SignInForm {...props} />
    </Modal>
  );
}
