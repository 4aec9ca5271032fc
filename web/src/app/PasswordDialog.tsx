import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { PasswordForm } from '../pages/signin/PasswordForm';

export function PasswordDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={t('password.title')}>
      <PasswordForm username={username} onDone={onClose} />
    </Modal>
  );
}
