import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import '../../../i18n/trial';
import { Trial } from './Trial';

/** The part of a rule's page that tries the rule. */
export function TrialSection({ ruleId }: { ruleId: string }) {
  const { t } = useTranslation('trial');
  return (
    <section>
      <Title order={2} mb={4}>
        {t('title')}
      </Title>
      <Text size="sm" mb={8}>
        {t('text')}
      </Text>
      <Trial key={ruleId} ask={{ ruleId }} query={`rule:"${ruleId}"`} />
    </section>
  );
}
