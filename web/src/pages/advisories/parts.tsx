import '../../i18n/advisories';

import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type AdvisoryProduct, matchesQuery, type SoftwareMatch } from '../../api/advisoryQueries';
import type { Query } from '../../api/client';
import { Badge } from '../../ui/Badge';
import { ErrorState, Rows } from '../../ui/State';
import css from './advisories.module.css';

const tones = { critical: 'critical', high: 'high', medium: 'medium', low: 'low', none: 'informational' } as const;
type Severity = keyof typeof tones;
const isSeverity = (name: string): name is Severity => name in tones;

/** How grave something is, in words. */
export function SeverityBadge({ severity }: { severity: string }) {
  const { t } = useTranslation('advisories');
  return isSeverity(severity) ? <Badge tone={tones[severity]}>{t(`severities.${severity}`)}</Badge> : <Badge tone="informational">{t('severities.unknown')}</Badge>;
}

/** The mark of what is being exploited. */
export function ExploitedBadge({ ransomware }: { ransomware?: boolean }) {
  const { t } = useTranslation('advisories');
  return (
    <>
      <span title={t('kevTip')}>
        <Badge tone="critical">{t('kev')}</Badge>
      </span>{' '}
      {ransomware && <Badge tone="critical">{t('ransomware')}</Badge>}
    </>
  );
}

/** A share of one, as people read it. */
export function percent(value: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: value > 0 && value < 0.01 ? 2 : 0 }).format(value);
}

/** How many units are concerned, certainly and possibly. */
export function UnitCount({ units, possible }: { units: number; possible: number }) {
  const { t } = useTranslation('advisories');
  if (units + possible === 0) return <span className="la-dim">—</span>;
  return (
    <>
      {units > 0 && <strong>{t('unitCount', { count: units })}</strong>}
      {possible > 0 && <span className="la-dim"> {t('possibleCount', { count: possible })}</span>}
    </>
  );
}

/** Which products are affected, in which versions. */
export function Products({ products, count }: { products: readonly AdvisoryProduct[]; count: number }) {
  const { t } = useTranslation('advisories');
  if (products.length === 0) return <Text size="sm" className="la-dim">{t('unstated')}</Text>;
  const versionsOf = (p: AdvisoryProduct) => {
    if (p.versions === '*' || (p.versions === '' && p.default === 'affected')) return t('everyVersion');
    return p.versions || t('unstated');
  };
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={t('products')}>
      <table className="la-table">
        <thead>
          <tr>
            <th>{t('product')}</th>
            <th>{t('versions')}</th>
          </tr>
        </thead>
        <tbody>
          {products.map((p, i) => (
            <tr key={i}>
              <td className="la-wrap">
                {p.vendor} <strong>{p.name}</strong> {p.platform && <span className="la-dim">{t('on', { platform: p.platform })}</span>}
              </td>
              <td className="la-wrap la-mono">{versionsOf(p)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {count > products.length && (
        <Text size="xs" className="la-dim">
          {t('moreProducts', { count: count - products.length })}
        </Text>
      )}
    </div>
  );
}

function MatchRow({ match, vulnerability }: { match: SoftwareMatch; vulnerability: boolean }) {
  const { t } = useTranslation('advisories');
  return (
    <tr>
      <td className="la-wrap">{match.unitName}</td>
      <td className="la-wrap">
        {match.vendor} <strong>{match.product}</strong> <span className="la-mono">{match.release}</span>
        {match.count > 1 && ` × ${String(match.count)}`}
        {match.place && (
          <Text size="xs" className="la-dim">
            {match.place}
          </Text>
        )}
      </td>
      {vulnerability && (
        <td className="la-mono">
          {match.vulnerability} {match.exploited && <ExploitedBadge />}
        </td>
      )}
      <td className="la-wrap">
        <Badge tone={match.certain ? 'high' : 'low'}>{match.certain ? t('certain') : t('possible')}</Badge>
        <Text size="xs" className="la-dim">
          {t(`reason.${match.reason}`)}
          {match.versions && match.reason !== 'all' && ` (${match.versions})`}
        </Text>
      </td>
    </tr>
  );
}

/** Which units run what is affected, and how sure that is; without any, none says so. */
export function Matches({ filter, vulnerability = false, none }: { filter: Query; vulnerability?: boolean; none?: string }) {
  const { t } = useTranslation('advisories');
  const { data, error, isPending, refetch } = useQuery(matchesQuery(filter));
  if (isPending) return <Rows count={3} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data.items.length === 0) return <Text size="sm" className="la-dim">{none ?? t('matchesNone')}</Text>;
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={t('matches')}>
      <table className="la-table">
        <thead>
          <tr>
            <th>{t('software.unit')}</th>
            <th>{t('software.product')}</th>
            {vulnerability && <th>{t('tab.vulnerabilities')}</th>}
            <th>{t('likely')}</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((m) => (
            <MatchRow key={m.software + m.vulnerability} match={m} vulnerability={vulnerability} />
          ))}
        </tbody>
      </table>
      {data.more && (
        <Text size="xs" className="la-dim">
          {t('more')}
        </Text>
      )}
    </div>
  );
}
