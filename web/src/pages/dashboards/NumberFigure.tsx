import { IconArrowDown, IconArrowUp, IconEqual } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { Figure } from '../../api/boardQueries';
import { cellText, formatMeasure, isMeasure, type Measure, trendOf } from '../../lib/figures';
import { formatNumber } from '../../lib/format';
import { isLevel } from '../../lib/levels';
import { LevelBadge } from '../../ui/Badge';
import { AppLink } from './AppLink';
import css from './boards.module.css';
import { useHow } from './useHow';

/** What changed since the period before: a direction, a size, and in words whether that is good. */
export function Trend({ figure }: { figure: Figure }) {
  const { t } = useTranslation('boards');
  const { language } = useHow();
  const trend = trendOf(figure);
  if (!trend) return null;
  const n = formatNumber(trend.by, language);
  const by = trend.points ? t('figure.points', { n }) : `${n} %`;
  const Icon = trend.direction === 'up' ? IconArrowUp : trend.direction === 'down' ? IconArrowDown : IconEqual;
  return (
    <span className={css.trend} data-good={trend.good}>
      <Icon size={14} aria-hidden="true" />
      {t(`figure.${trend.direction}`, { by })}
      {trend.good !== undefined && ` (${t(trend.good ? 'figure.good' : 'figure.bad')})`}
    </span>
  );
}

export function Headline({ figure }: { figure: Figure }) {
  const { t } = useTranslation('boards');
  const how = useHow();
  const { value, measure, link, kind } = figure;
  const text = value === undefined || !measure ? t('figure.nothing') : formatMeasure(value, measure, how);
  const written = kind === 'disk-forecast' && value !== undefined ? t('figure.left', { time: text }) : text;
  return (
    <div className={css.headline} data-long={written.length > 12 || undefined}>
      {link && value !== undefined ? (
        <AppLink href={link} className={`la-num ${css.value ?? ''}`}>
          {written}
        </AppLink>
      ) : (
        <span className={`la-num ${css.value ?? ''}`} data-none={value === undefined || undefined}>
          {written}
        </span>
      )}
      <Trend figure={figure} />
    </div>
  );
}

/** A headline, and a bar for each row of its table. */
export function NumberFigure({ figure, lines }: { figure: Figure; lines: boolean }) {
  const how = useHow();
  const at = figure.columns.findIndex((c) => isMeasure(c.kind));
  const measure = figure.columns[at]?.kind as Measure | undefined;
  const most = Math.max(1e-9, ...figure.rows.map((row) => row.cells[at]?.number ?? 0));
  return (
    <div className={css.number}>
      <Headline figure={figure} />
      {lines && measure && (
        <ul className={css.lines}>
          {figure.rows.map((row, i) => {
            const name = cellText(row.cells[0], how.language);
            const n = row.cells[at]?.number ?? 0;
            const level = figure.columns[0]?.kind === 'level' && isLevel(row.cells[0]?.text) ? row.cells[0].text : undefined;
            return (
              <li key={i}>
                <AppLink href={row.link ?? '/'} className={css.lineLink} data-none={n === 0 || undefined}>
                  {level ? <LevelBadge level={level} /> : <span className="la-clip">{name}</span>}
                  <span className={css.track} aria-hidden="true">
                    <span style={{ width: `${String((100 * n) / most)}%`, background: level ? `var(--la-${level}-bar)` : 'var(--la-accent)' }} />
                  </span>
                  <span className="la-num la-nowrap">{formatMeasure(n, measure, how)}</span>
                </AppLink>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
