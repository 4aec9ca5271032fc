import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { SourceDetail } from '../../api/sourceQueries';
import { formatNumber } from '../../lib/format';
import styles from './sources.module.css';

const hours = Array.from({ length: 24 }, (_, h) => h);
// The week of the table begins on Monday, that of the server on Sunday.
const order = [1, 2, 3, 4, 5, 6, 0];

/** What is usual at each hour of the week. The table is the chart: each cell says its number. */
export function Week({ source }: { source: SourceDetail }) {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const days = t('sources:days', { returnObjects: true }) as string[];
  const top = Math.max(1, ...source.week.map((u) => u.events));
  return (
    <div>
      <Text size="sm" fw={600} component="h2">
        {t('sources:week')}
      </Text>
      <Text size="xs" className="la-dim" mb={6}>
        {source.week.length > 0 ? t('sources:weekText') : t('sources:weekNone')}
      </Text>
      {source.week.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('sources:week')}>
          <table className={styles.week}>
            <thead>
              <tr>
                <th />
                {hours.map((h) => (
                  <th key={h}>{h % 3 === 0 ? h : ''}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {order.map((day) => (
                <tr key={day}>
                  <th scope="row">{days[day]}</th>
                  {hours.map((h) => {
                    const n = source.week[day * 24 + h]?.events ?? 0;
                    const label = t('sources:cell', { day: days[day], hour: h, n: formatNumber(Math.round(n), i18n.language) });
                    const share = { '--share': `${String(Math.round((100 * n) / top))}%` } as React.CSSProperties;
                    return (
                      <td key={h} style={share} title={label}>
                        <span className="la-hidden">{label}</span>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
