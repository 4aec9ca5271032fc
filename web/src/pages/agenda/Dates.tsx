import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { AgendaDate } from '../../api/agendaQueries';
import { byDay, dayName } from '../../lib/month';
import { formatTime } from '../../lib/time';
import { Badge } from '../../ui/Badge';
import { placeOf } from '../notifications/places';
import css from './agenda.module.css';
import { useKind } from './useKind';

const tone = { waiting: 'medium', late: 'critical', done: 'ok' } as const;

/** What falls due in order of time, under the names of its days where there are several. */
export function Dates({ items, days }: { items: readonly AgendaDate[]; days: boolean }) {
  const { i18n } = useTranslation('agenda');
  return [...byDay(items)].map(([day, list]) => (
    <div key={day} className={css.ofDay}>
      {days && (
        <Text component="h3" size="sm" fw={600} mb={4}>
          {dayName(day, i18n.language)}
        </Text>
      )}
      <ul className={css.list}>
        {list.map((one, n) => (
          <li key={`${one.object} ${String(n)}`} className={css.entry}>
            <Entry one={one} />
          </li>
        ))}
      </ul>
    </div>
  ));
}

function Entry({ one }: { one: AgendaDate }) {
  const { t, i18n } = useTranslation('agenda');
  const nameOf = useKind();
  const place = placeOf(one.object);
  const title = i18n.language === 'vi' ? one.vi : one.name;
  return (
    <>
      <span className={css.when}>{one.at ? formatTime(one.at).slice(11, 16) : t('wholeDay')}</span>
      <div className="la-wrap">
        {place ? (
          <Link to={place.to as '/'} search={place.search as object} className={css.open}>
            {title}
          </Link>
        ) : (
          title
        )}
        <Text size="xs" className="la-dim">
          {[nameOf(one.kind), one.code, one.unitName].filter(Boolean).join(' · ')}
        </Text>
      </div>
      <Badge tone={tone[one.state]}>{t(`state.${one.state}`)}</Badge>
    </>
  );
}
