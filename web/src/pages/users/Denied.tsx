import { IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { Action } from '../../app/nav';
import { useMay } from '../../app/session';
import { EmptyState } from '../../ui/State';

/** The page for who may do the action; others are told so. */
export function Denied({ action, children }: { action: Action; children: React.ReactNode }) {
  const { t } = useTranslation();
  if (useMay()(action)) return children;
  return <EmptyState icon={<IconLock size={34} />} title={t('error.denied.title')} text={t('error.denied.remedy')} />;
}
