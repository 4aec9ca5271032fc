import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Code } from '../../ui/Copy';
import { Dialog } from '../../ui/Dialog';

export interface OneTime {
  username: string;
  password: string;
}

/** A password that is shown this once; only its own button closes it. */
export function OneTimePassword({ secret, onClose }: { secret: OneTime; onClose: () => void }) {
  const { t } = useTranslation('accounts');
  return (
    <Dialog opened onClose={onClose} title={t('user.oneTime')} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="sm">
        <Text size="sm">{t('user.oneTimeText', { username: secret.username })}</Text>
        <div data-testid="one-time">
          <Code text={secret.password} label={t('user.oneTime')} />
        </div>
        <Alert variant="light" color="yellow" p="xs">
          {t('user.shownOnce')}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {t('user.copied')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
