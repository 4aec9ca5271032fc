import { Group } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../app/session';
import { LinkButton } from './links';
import { EmptyState } from './State';

/** No events yet: the way to the first one. */
export function FirstLog() {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <EmptyState icon={<IconPlugConnected size={34} />} title={t('first.title')} text={t('first.text')}>
      <Group justify="center">
        {may('enrol.manage') ? <LinkButton to="/sources/connect">{t('first.connect')}</LinkButton> : t('first.askToken')}
      </Group>
    </EmptyState>
  );
}
