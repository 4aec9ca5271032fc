import '../../i18n/standing';

import { Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { OverrideList } from '../../api/standingQueries';
import { Badge } from '../../ui/Badge';
import { showDay } from '../units/tree';
import css from './standing.module.css';

/** The systems that operate without all they need and without a decision in force, of one unit where it is named. */
export function Uncovered({ list, unit }: { list: OverrideList; unit?: string | undefined }) {
  const { t } = useTranslation('standing');
  const items = list.uncovered.filter((x) => unit === undefined || x.unit === unit);
  const count = unit === undefined ? list.uncoveredTotal : items.length;
  if (count === 0) return null;
  return (
    <section aria-labelledby="uncovered">
      <Title order={2} id="uncovered" fz="md" mt="lg" mb={6}>
        {t('gate.uncovered', { count })}
      </Title>
      {items.map((x) => (
        <article key={x.system} className={`la-card ${css.section ?? ''}`} aria-label={x.code}>
          <div className={css.line}>
            <Link to="/systems/$id" params={{ id: x.system }} search={{ tab: 'layers' }}>{x.code} · {x.title}</Link> · {x.unitName}
            <Badge tone="high">{t(`gate.last.${x.until === '' ? 'never' : x.holds ? 'partly' : x.ended ? 'ended' : 'over'}`, { day: showDay(x.until) })}</Badge>
          </div>
          <div>{t('gate.missing')}: {x.missing.map((code) => t(`gate.condition.${code as 'level'}`)).join('; ')}</div>
        </article>
      ))}
      {count > items.length && <p>{t('more', { count: count - items.length })}</p>}
    </section>
  );
}
