import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import css from './identity.module.css';

/** Codes that are shown once: to print, to keep, and to say that one did. */
export function RecoveryCodes({ codes, username, onDone }: { codes: string[]; username: string; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'identity']);
  const file = `${t('identity:recovery.file', { username })}\n\n${codes.join('\n')}\n`;
  return (
    <Stack gap="sm">
      <Text size="sm">{t('identity:recovery.text')}</Text>
      <ul className={css.codes} aria-label={t('identity:recovery.list')} data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code} className="la-mono">
            {code}
          </li>
        ))}
      </ul>
      <Alert variant="light" color="yellow" p="xs">
        {t('identity:recovery.once')}
      </Alert>
      <Button
        component="a"
        variant="default"
        leftSection={<IconDownload size={16} />}
        href={`data:text/plain;charset=utf-8,${encodeURIComponent(file)}`}
        download={`lachan-${username}.txt`}
      >
        {t('identity:recovery.download')}
      </Button>
      <Button onClick={onDone}>{t('identity:recovery.saved')}</Button>
    </Stack>
  );
}
