import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { peopleQuery } from '../../api/queries';
import type { AlertDetail, AlertHistory } from '../../api/types';
import { isStatus } from '../../lib/levels';
import { formatTime } from '../../lib/time';
import { Time } from '../../ui/Time';
import css from './alerts.module.css';
import { useReasons } from './reasons';

type Words = TFunction<['translation', 'triage']>;

function stepWords(entry: AlertHistory, t: Words, people: Map<string, string>, reasonName: (id: string) => string): string {
  const state = (value: string) => (isStatus(value) ? t(`status.${value}`) : value);
  switch (entry.action) {
    case 'status': {
      const words = t('alerts.history.status', { from: state(entry.from), to: state(entry.to) });
      return entry.reason ? `${words} (${reasonName(entry.reason)})` : words;
    }
    case 'assign':
      return entry.to ? t('alerts.history.assigned', { to: people.get(entry.to) ?? entry.to }) : t('alerts.history.unassigned');
    case 'note':
      return t('alerts.history.noted');
    case 'postpone':
      return entry.to ? t('triage:history.postponed', { to: formatTime(entry.to) }) : t('triage:history.resumed');
    case 'drill':
      return t(entry.to ? 'triage:drill.marked' : 'triage:drill.unmarked');
    case 'settled':
      return t('alerts.history.settled');
    case 'raised':
      return t('alerts.history.raised');
    default:
      return entry.action;
  }
}

interface Moment {
  at: string;
  key: string;
  words: React.ReactNode;
  note?: string;
  look?: 'event';
}

/** What happened, on the network and at the desk, in the order of time. */
export function History({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation(['translation', 'triage']);
  const { data } = useQuery(peopleQuery);
  const { nameOf } = useReasons();
  const people = new Map((data?.items ?? []).map((person) => [person.id, person.displayName]));
  const moments: Moment[] = [
    { at: alert.firstSeen, key: 'first', words: t(alert.count > 1 ? 'triage:history.first' : 'triage:history.only'), look: 'event' },
    ...(alert.count > 1 ? [{ at: alert.lastSeen, key: 'last', words: t('triage:history.last'), look: 'event' as const }] : []),
    { at: alert.createdAt, key: 'created', words: t('alerts.history.created') },
    ...alert.history.map((entry, i) => ({
      at: entry.at,
      key: `${entry.at} ${String(i)}`,
      words: (
        <>
          <b>{(people.get(entry.by) ?? entry.by) || t('alerts.history.system')}</b> {stepWords(entry, t, people, nameOf)}
        </>
      ),
      note: entry.note,
    })),
  ];
  moments.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <section>
      <Title order={3} mb={6}>
        {t('alerts.history.title')}
      </Title>
      <ol className={css.history}>
        {moments.map((moment) => (
          <li key={moment.key} data-look={moment.look}>
            <div>{moment.words}</div>
            {moment.note && <blockquote className={`la-wrap ${css.said ?? ''}`}>{moment.note}</blockquote>}
            <div className={css.when}>
              <Time at={moment.at} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
