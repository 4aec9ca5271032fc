import { Button, Menu, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { url } from '../../api/client';
import { formatNumber } from '../../lib/format';

const limit = 100_000;

interface Props {
  query: string;
  from: string;
  to: string;
  total: number | undefined;
}

export function ExportMenu({ query, from, to, total }: Props) {
  const { t, i18n } = useTranslation('search');
  const link = (format: string) => url('/search/export', { query, from, to, format, limit });
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <Button size="compact-sm" variant="default" leftSection={<IconDownload size={15} />} disabled={total === 0}>
          {t('export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={link('csv')} download="lachan.csv">
          {t('csv')}
        </Menu.Item>
        <Menu.Item component="a" href={link('ndjson')} download="lachan.ndjson">
          {t('ndjson')}
        </Menu.Item>
        {total !== undefined && total > limit && (
          <Text size="xs" px="sm" py={4} style={{ color: 'var(--la-medium)' }}>
            {t('exportLimit', { n: formatNumber(limit, i18n.language) })}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
