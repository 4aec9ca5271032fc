import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type System, type SystemChange, systemChangesQuery } from '../../api/systemQueries';
import { formatNumber } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { ErrorState, Rows } from '../../ui/State';
import { useUnitNames } from '../users/UnitPicker';
import { dataInWords, daysInWords } from './historyText';
import css from './systems.module.css';

/** What became of each field, and who made it so. */
export function History({ system }: { system: System }) {
  const { t } = useTranslation('systems');
  const query = useQuery(systemChangesQuery(system.id));
  const text = useValueText();
  if (query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Rows count={4} />;
  const items = query.data.items.filter((x) => x.from !== '' || x.to !== '');
  if (items.length === 0) return <p className="la-dim">{t('history.empty')}</p>;
  return (
    <div className={`la-card ${css.scroll ?? ''}`} tabIndex={0} role="region" aria-label={t('tab.history')}>
      <table className="la-table">
        <thead>
          <tr>
            {(['when', 'who', 'what', 'from', 'to'] as const).map((head) => (
              <th key={head} scope="col">
                {t(`history.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((x) => (
            <tr key={x.id}>
              <td className="la-nowrap">{formatTime(x.at)}</td>
              <td>{x.by.displayName}</td>
              <td>{t(`field.${x.field as 'name'}`)}</td>
              <td className={css.was}>{text(x.field, x.from)}</td>
              <td className={css.was}>{text(x.field, x.to)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A value as people read it: words for what is a code. */
function useValueText() {
  const { t, i18n } = useTranslation('systems');
  const { name } = useUnitNames();
  return (field: SystemChange['field'], value: string): string => {
    if (value === '') return '—';
    switch (field) {
      case 'type':
        return t(`type.${value as 'other'}`);
      case 'state':
        return t(`state.${value as 'planned'}`);
      case 'deployment':
        return t(`deployment.${value as 'none'}`);
      case 'transition':
        return t(`transition.${value as 'none'}`);
      case 'critical':
        return t(value === 'true' ? 'yes' : 'no');
      case 'unit':
      case 'operatorUnit':
        return name(value);
      case 'data':
        return dataInWords(value, {
          basic: (n) => `${t('data.basic')}: ${formatNumber(n, i18n.language)}`,
          sensitive: (n) => `${t('data.sensitive')}: ${formatNumber(n, i18n.language)}`,
          kind: (kind) => t(`data.${kind}`),
          none: t('data.none'),
        });
      case 'staff':
      case 'regulation':
      case 'plannedApproval':
      case 'plannedDeployment':
        return daysInWords(value);
      default:
        return value;
    }
  };
}
