import { Text } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useIsAdministrator } from '../app/session';
import { Code } from './Copy';
import { serverHost, serverOrigin, snippets } from './snippets';
import { EmptyState } from './State';

/** No events yet: the commands that send the first one. */
export function FirstLog() {
  const { t } = useTranslation();
  const administrator = useIsAdministrator();
  return (
    <EmptyState icon={<IconPlugConnected size={34} />} title={t('first.title')} text={t('first.text')}>
      <Text size="sm" fw={600}>
        {t('first.logger')}
      </Text>
      <Code text={snippets.logger(serverHost())} wrap />
      <Text size="sm" fw={600}>
        {t('first.curl')}
      </Text>
      <Code text={snippets.curl(serverOrigin(), 'lc_…')} wrap />
      <Text size="xs" className="la-dim">
        {administrator ? (
          <Link to="/admin/$tab" params={{ tab: 'tokens' }}>
            {t('first.token')}
          </Link>
        ) : (
          t('first.askToken')
        )}
      </Text>
    </EmptyState>
  );
}
