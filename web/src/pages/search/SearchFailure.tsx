import { Button, Group } from '@mantine/core';
import { IconWifiOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import type { TimeRange } from '../../lib/time';
import { EmptyState, ErrorState } from '../../ui/State';

interface Props {
  error: unknown;
  onRetry: () => void;
  onRange: (range: TimeRange) => void;
}

/** A search that failed; where it asked for too much, the ways to ask for less. */
export function SearchFailure({ error, onRetry, onRange }: Props) {
  const { t } = useTranslation(['search', 'translation']);
  const code = error instanceof ApiError ? error.code : '';
  const tooMuch = ['search.too-slow', 'search.timeout', 'search.memory'].includes(code);
  const wrong = error instanceof ApiError && error.status === 422;
  return (
    <div style={{ padding: 12 }}>
      <ErrorState error={error} retry={wrong ? undefined : onRetry} />
      {tooMuch && (
        <Group gap="xs" mt="xs">
          {(['1h', '24h', '7d'] as const).map((span) => (
            <Button
              key={span}
              size="xs"
              variant="default"
              onClick={() => {
                onRange({ from: `now-${span}`, to: 'now' });
              }}
            >
              {t('narrowTo', { range: t(`translation:range.${span}`) })}
            </Button>
          ))}
        </Group>
      )}
    </div>
  );
}

/** The browser has no network: the search waits and starts by itself. */
export function Offline() {
  const { t } = useTranslation('search');
  return <EmptyState icon={<IconWifiOff size={34} />} title={t('offline')} text={t('offlineText')} />;
}
