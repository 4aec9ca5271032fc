import { Switch } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { wallQuery } from '../../api/obligationQueries';
import { DrillBand } from '../../kit/Drill';
import { formatNumber } from '../../lib/format';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Countdown } from './Countdown';
import { MissingYears } from './notices';
import css from './obligations.module.css';

/** The colour of a unit's first deadline turns in these last days. */
const warnMs = 3 * 86_400_000;

/** Who is late, for everybody in the room; the server says when to read again. */
export function WallTab() {
  const { t, i18n } = useTranslation('obligations');
  const [drill, setDrill] = useState(false);
  const { data, error, isPending, refetch } = useQuery(wallQuery(drill));
  const number = (n: number) => formatNumber(n, i18n.language);
  if (isPending) return <Rows count={6} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <section aria-label={t('tab.wall')}>
      <MissingYears years={data.missingYears} />
      {drill && <DrillBand text={t('drillText')} />}
      <div className={css.totals} role="status">
        {(['late', 'soon', 'open'] as const).map((name) => (
          <div key={name} className={`la-card ${css.total ?? ''}`} data-count={name} data-some={data[name] > 0 || undefined}>
            <span className={css.figure}>{number(data[name])}</span>
            <span>{t(`wall.${name}`)}</span>
          </div>
        ))}
      </div>
      {data.units.length === 0 ? (
        <EmptyState icon={<IconCircleCheck size={40} />} title={t('wall.none')} text={t('wall.noneText')} />
      ) : (
        <div className="la-card la-scroll-x" role="group" aria-label={t('wall.units')} tabIndex={0}>
          <table className={`la-table ${css.wall ?? ''}`}>
            <thead>
              <tr>
                <th scope="col">{t('unit')}</th>
                <th scope="col">{t('wall.late')}</th>
                <th scope="col">{t('wall.soon')}</th>
                <th scope="col">{t('wall.first')}</th>
              </tr>
            </thead>
            <tbody>
              {data.units.map((u) => (
                <tr key={u.unit} data-late={u.late > 0 || undefined}>
                  <th scope="row">{u.unitName}</th>
                  <td className="la-num">{number(u.late)}</td>
                  <td className="la-num">{number(u.soon)}</td>
                  <td>
                    <Countdown plain of={{ startedAt: new Date(Date.parse(u.first) - warnMs).toISOString(), dueAt: u.first, state: 'pending' }} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Switch
        mt="md"
        label={t('wall.drills')}
        checked={drill}
        onChange={(event) => {
          setDrill(event.currentTarget.checked);
        }}
      />
    </section>
  );
}
