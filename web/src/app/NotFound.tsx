import { IconMapOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { LinkButton } from '../ui/links';
import { EmptyState } from '../ui/State';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState icon={<IconMapOff size={36} />} title={t('notFound.title')} text={t('notFound.text')}>
      <LinkButton to="/" variant="default" mx="auto">
        {t('nav.overview')}
      </LinkButton>
    </EmptyState>
  );
}
