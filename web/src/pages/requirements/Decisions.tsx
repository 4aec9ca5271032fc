import '../../i18n/standing';

import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { overridesQuery } from '../../api/standingQueries';
import { ErrorState } from '../../ui/State';
import { Decision } from './Gate';
import css from './standing.module.css';
import { Uncovered } from './Uncovered';

/** For leaders: the systems that operate without all they need, by somebody's decision and without one, of one unit where it is named. */
export function Decisions({ unit }: { unit?: string | undefined }) {
  const { t } = useTranslation('standing');
  const query = useQuery(overridesQuery);
  if (query.isPending) return null;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const items = query.data.items.filter((o) => unit === undefined || o.unit === unit);
  return (
    <>
      <section aria-labelledby="decisions">
        <Title order={2} id="decisions" fz="md" mt="lg" mb={6}>
          {t('gate.leaders', { count: items.length })}
        </Title>
        {items.length === 0 && <Text size="sm" className="la-dim">{t('gate.none')}</Text>}
        {items.map((o) => (
          <article key={o.id} className={`la-card ${css.section ?? ''}`} aria-label={o.code}>
            <Link to="/systems/$id" params={{ id: o.system }} search={{ tab: 'layers' }}>{o.code} · {o.title}</Link> · {o.unitName}
            <Decision override={o} />
          </article>
        ))}
      </section>
      <Uncovered list={query.data} unit={unit} />
    </>
  );
}
