import '../../i18n/obligations';

import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { LinkButton } from '../../ui/links';

interface Props {
  title?: string;
  children: React.ReactNode;
}

/** Something to be looked at before what stands below is relied on. */
export function Notice({ title, children }: Props) {
  return (
    <Alert
      mb="sm"
      icon={<IconAlertTriangle size={18} />}
      title={title}
      styles={{
        root: { background: 'var(--la-medium-bg)', border: '1px solid var(--la-medium-bar)' },
        title: { color: 'var(--la-medium)' },
        icon: { color: 'var(--la-medium)' },
        message: { color: 'var(--mantine-color-text)' },
      }}
    >
      {children}
    </Alert>
  );
}

/** Says of which years the public holidays are not known; nothing where they all are. */
export function MissingYears({ years }: { years: readonly number[] }) {
  const { t } = useTranslation('obligations');
  const may = useMay();
  if (years.length === 0) return null;
  return (
    <Notice>
      <div role="alert">{t('missing', { years: [...new Set(years)].sort().join(', ') })}</div>
      {may('duty.manage') && (
        <LinkButton to="/obligations" search={{ tab: 'holidays' }} size="xs" variant="default" mt="xs">
          {t('missingAction')}
        </LinkButton>
      )}
    </Notice>
  );
}
