import '../../i18n/ruledetail';

import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { RulePart, RuleSeries } from '../../api/attackQueries';
import css from './rules.module.css';

function Part({ part }: { part: RulePart }) {
  const { t } = useTranslation('ruledetail');
  const head =
    part.kind === 'at_least'
      ? t('at_least', { n: part.count })
      : part.kind === 'search'
        ? t('search', { name: part.name })
        : part.kind === 'keywords'
          ? t('keywords')
          : part.kind === 'field'
            ? undefined
            : t(part.kind);
  return (
    <li>
      {head !== undefined && <b>{head}</b>}
      {part.kind === 'field' && (
        <>
          <b className="la-mono">{part.field}</b> {part.modifier && <span className="la-dim">{part.modifier} </span>}
        </>
      )}
      {part.patterns && part.patterns.length > 0 && (
        <span className={css.values}>
          {' '}
          {part.patterns.map((pattern, i) => (
            <code key={i} className={css.value}>
              {pattern}
            </code>
          ))}
        </span>
      )}
      {part.parts && part.parts.length > 0 && (
        <ul className={css.tree}>
          {part.parts.map((p, i) => (
            <Part key={i} part={p} />
          ))}
        </ul>
      )}
      {(part.more ?? 0) > 0 && <span className="la-dim">{t('more', { n: part.more })}</span>}
    </li>
  );
}

/** The condition of a detection rule, as a tree people can read. */
export function Condition({ part }: { part: RulePart }) {
  return (
    <ul className={css.tree}>
      <Part part={part} />
    </ul>
  );
}

function spanText(seconds: number): string {
  const steps = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
  ] as const;
  const [size, unit] = steps.find(([size]) => seconds % size === 0) ?? [1, 's'];
  return `${String(seconds / size)} ${unit}`;
}

/** What a correlation rule counts. */
export function Series({ series }: { series: RuleSeries }) {
  const { t } = useTranslation('ruledetail');
  const bounds = series.conditions.map((c) => `${t(`op.${c.op}`)} ${String(c.value)}`).join(', ');
  return (
    <Text size="sm">
      {t('seriesText', {
        span: spanText(series.seconds),
        by: series.groupBy.join(', ') || t('seriesAll'),
        what: [series.type, series.fields.join(', '), bounds].filter(Boolean).join(' '),
      })}
    </Text>
  );
}
