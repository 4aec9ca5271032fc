import { useTranslation } from 'react-i18next';

import { PasswordForm } from '../pages/signin/PasswordForm';
import { Dialog } from '../ui/Dialog';

export function PasswordDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog opened onClose={onClose} title={t('password.title')}>
      <PasswordForm username={username} onDone={onClose} />
    </Dialog>
  );
}
