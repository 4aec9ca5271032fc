import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { SourceHealth } from '../../api/sourceQueries';
import { Badge } from '../../ui/Badge';
import { Ago } from '../../ui/Time';

const tones = { silent: 'critical', problem: 'high', new: 'low', ok: 'ok', muted: 'informational' } as const;

/** How a source is, and what is wrong with it, in words. */
export function SourceState({ source }: { source: SourceHealth }) {
  const { t } = useTranslation(['translation', 'sources']);
  return (
    <div>
      <Badge tone={tones[source.status]} round>
        {t(`sources:status.${source.status}`)}
      </Badge>
      {source.problems.length > 0 && (
        <Text size="xs" className="la-wrap">
          {source.problems.map((p) => t(`sources:problem.${p}`)).join(', ')}
          {source.since && (
            <>
              {` ${t('sources:since')} `}
              <Ago at={source.since} />
            </>
          )}
        </Text>
      )}
    </div>
  );
}

const minute = 60;
const hour = 3_600;

/** "chậm 12 phút"; nothing where the clock is right. */
export function useSkew(): (seconds: number | null) => string {
  const { t } = useTranslation(['translation', 'sources']);
  return (seconds) => {
    if (seconds === null || Math.abs(seconds) < minute) return '';
    const size = Math.abs(seconds);
    const words = size < hour ? t('sources:minutes', { n: Math.round(size / minute) }) : t('sources:hours', { n: Math.round(size / hour) });
    return seconds > 0 ? t('sources:ahead', { n: words }) : t('sources:behind', { n: words });
  };
}
