import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { formatCompact, formatNumber } from '../../lib/format';
import { fillSpans, type Picture } from '../../lib/tableShape';
import css from './table.module.css';
import { drawPicture } from './tableChartCore';

/** The picture of a table; the table itself stands below it and says the same in words. */
export function TableChart({ picture, fromMs, toMs }: { picture: Picture; fromMs: number; toMs: number }) {
  const { t, i18n } = useTranslation('search');
  const { colorScheme } = useMantineColorScheme();
  const element = useRef<HTMLDivElement>(null);
  const language = i18n.language;
  useEffect(() => {
    if (!element.current) return;
    const filled: Picture =
      picture.kind === 'lines'
        ? { ...picture, series: picture.series.map((s) => ({ ...s, points: fillSpans(s.points, picture.spanMs, fromMs, toMs) })) }
        : picture;
    return drawPicture(element.current, filled, {
      count: (n) => formatNumber(n, language),
      compact: (n) => formatCompact(n, language),
      empty: t('emptyValue'),
    });
  }, [picture, fromMs, toMs, language, colorScheme, t]);
  const shown = picture.kind === 'lines' ? picture.series.length : picture.names.length;
  return (
    <div className={css.chartBox}>
      <div ref={element} className={css.chart} role="img" aria-label={t(picture.kind === 'lines' ? 'chartLines' : 'chartBars', { count: shown })} />
      {picture.more > 0 && <div className={css.more}>{t('chartMore', { shown, count: picture.more })}</div>}
    </div>
  );
}
