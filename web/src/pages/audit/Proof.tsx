import '@mantine/core/styles/Alert.css';

import { Alert, Stack, Text } from '@mantine/core';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { AuditProof } from '../../api/auditQueries';
import { formatNumber } from '../../lib/format';
import { Code } from '../../ui/Copy';

/** What the verification of the whole chain found, and where its copy stands. */
export function Proof({ proof }: { proof: AuditProof }) {
  const { t, i18n } = useTranslation('audit');
  const n = formatNumber(proof.records, i18n.language);
  const { forward } = proof;
  return (
    <Alert
      mb="sm"
      role="status"
      color={proof.intact ? 'teal' : 'red'}
      icon={proof.intact ? <IconShieldCheck /> : <IconShieldX />}
      title={<span style={{ color: 'var(--mantine-color-text)' }}>{t(proof.intact ? 'intact' : 'broken')}</span>}
    >
      <Stack gap="xs">
        <Text size="sm">
          {proof.intact
            ? t('intactText', { n, s: proof.seconds.toFixed(1) })
            : t('brokenText', { n, why: proof.broken ?? '' })}
        </Text>
        {proof.intact && proof.head !== '' && <Code text={proof.head} />}
        <Text size="sm">
          {!forward
            ? t('noForward')
            : forward.error
              ? t('forwardError', { target: forward.target, why: forward.error })
              : forward.pending > 0
                ? t('forward', { target: forward.target, n: formatNumber(forward.pending, i18n.language) })
                : t('forwardDone', { target: forward.target })}
        </Text>
      </Stack>
    </Alert>
  );
}
