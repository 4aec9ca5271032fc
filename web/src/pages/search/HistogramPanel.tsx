import { ActionIcon, Text, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowBackUp, IconZoomOut } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Asked, histogramBuckets, histogramQuery, type Run } from '../../api/searchQueries';
import { widened } from '../../lib/brush';
import { formatNumber } from '../../lib/format';
import { formatTime, type TimeRange } from '../../lib/time';
import { Histogram } from './Histogram';
import css from './histogram.module.css';
import searchCss from './search.module.css';

interface Props {
  asked: Asked;
  range: TimeRange;
  run: Run;
  onRange: (range: TimeRange) => void;
}

function inUnits(seconds: number): { unit: 'day' | 'hour' | 'minute' | 'second'; count: number } {
  if (seconds >= 86_400) return { unit: 'day', count: seconds / 86_400 };
  if (seconds >= 3_600) return { unit: 'hour', count: seconds / 3_600 };
  if (seconds >= 60) return { unit: 'minute', count: seconds / 60 };
  return { unit: 'second', count: seconds };
}

/** How many events there are over the time asked for, and the ways into and out of a part of it. */
export function HistogramPanel({ asked, range, run, onRange }: Props) {
  const { t, i18n } = useTranslation('search');
  const small = useMediaQuery('(max-width: 40em)') ?? false;
  const histogram = useQuery(histogramQuery({ ...asked, buckets: histogramBuckets }, run));
  const [before, setBefore] = useState<readonly TimeRange[]>([]);
  const data = histogram.data;

  const zoom = (fromMs: number, toMs: number) => {
    setBefore((list) => [...list.slice(-20), range]);
    onRange({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
  };
  const back = before.at(-1);
  const goBack = () => {
    if (!back) return;
    setBefore((list) => list.slice(0, -1));
    onRange(back);
  };
  const zoomOut = () => {
    const wide = widened(Date.parse(asked.from), Date.parse(asked.to), Date.now());
    zoom(wide.fromMs, wide.toMs);
  };
  const { unit, count } = inUnits(data?.bucketSeconds ?? 0);

  return (
    <section className={`la-card ${searchCss.histogram ?? ''}`} aria-label={t('histogram.title')}>
      {histogram.isFetching && <div className={css.wait} role="progressbar" aria-label={t('running')} />}
      <div className={css.head}>
        <span className="la-dim la-num la-clip">
          {formatTime(asked.from)} – {formatTime(asked.to)}
          {data && !small && ` · ${t(`histogram.${unit}`, { count, n: formatNumber(count, i18n.language) })}`}
        </span>
        {data?.partial && (
          <Tooltip label={data.partial}>
            <Text size="xs" tabIndex={0} style={{ color: 'var(--la-high)' }} className="la-clip">
              {t('histogram.partial')}
            </Text>
          </Tooltip>
        )}
        {histogram.error && (
          <Text size="xs" style={{ color: 'var(--la-high)' }}>
            {t('histogram.failed')}
          </Text>
        )}
        {back && (
          <Tooltip label={t('histogram.back')}>
            <ActionIcon size={24} aria-label={t('histogram.back')} onClick={goBack}>
              <IconArrowBackUp size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        <Tooltip label={t('histogram.zoomOut')}>
          <ActionIcon size={24} aria-label={t('histogram.zoomOut')} onClick={zoomOut}>
            <IconZoomOut size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      {data ? (
        <Histogram
          data={data}
          height={small ? 84 : 104}
          loading={histogram.isPlaceholderData}
          onRange={zoom}
          onBack={back ? goBack : undefined}
        />
      ) : (
        <div style={{ height: small ? 84 : 104 }} />
      )}
    </section>
  );
}
