import '../../i18n/incidents';
import '../../i18n/triage';

import { ActionIcon, Text, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { type IncidentDetail, similarIncidentsQuery } from '../../api/incidentQueries';
import { PlainText } from '../../kit/PlainText';
import { flags, moments } from '../../lib/incidentDraft';
import { LevelBadge } from '../../ui/Badge';
import { ErrorState, Rows } from '../../ui/State';
import { Ago, Time } from '../../ui/Time';
import type { PartName } from './EditDialog';
import css from './incidents.module.css';
import type { TabProps } from './IncidentPage';
import { PhaseMark } from './marks';
import { Relations } from './Relations';
import { useClocks } from './useClocks';

/** What is known of an incident, each part with the way to edit it. */
export function Overview({ incident, acting }: TabProps) {
  const { t } = useTranslation('incidents');
  const clocks = useClocks();
  const edits = incident.mayChange && !incident.mergedInto;
  const part = (name: PartName, title: string, content: React.ReactNode) => (
    <section className={css.part} aria-label={title}>
      <div className={css.partHead}>
        <Title order={3}>{title}</Title>
        {edits && (
          <ActionIcon
            aria-label={`${t('page.edit')}: ${title}`}
            data-tip={`${t('page.edit')}: ${title}`}
            onClick={() => {
              acting.edit(name);
            }}
          >
            <IconPencil size={16} />
          </ActionIcon>
        )}
      </div>
      {content}
    </section>
  );
  const set = flags.filter((flag) => incident[flag]);
  return (
    <div className={css.overview}>
      <div className={css.column}>
        {part('what', t('field.summary'), incident.summary ? <PlainText text={incident.summary} /> : <Missing text={t('overview.noSummary')} />)}
        {part(
          'flags',
          t('part.flags'),
          set.length === 0 ? (
            <Missing text={t('flag.none')} />
          ) : (
            <ul className={css.flags}>
              {set.map((flag) => (
                <li key={flag}>
                  <b>{t(`field.${flag}`)}</b>
                  {clocks.of(flag, set).length > 0 && <span className={css.started}>{t('flag.clock', { titles: clocks.of(flag, set).join('; ') })}</span>}
                </li>
              ))}
            </ul>
          ),
        )}
        {part(
          'where',
          t('part.where'),
          <>
            <dl className={css.dl}>
              <dt>{t('field.unit')}</dt>
              <dd>{incident.unitName || incident.unit}</dd>
              {incident.units.length > 0 && (
                <>
                  <dt>{t('field.units')}</dt>
                  <dd>{incident.units.map((unit) => unit.name || unit.id).join(', ')}</dd>
                </>
              )}
            </dl>
            {incident.systems.length === 0 ? (
              <Missing text={t('system.none')} />
            ) : (
              <ul className={css.systems}>
                {incident.systems.map((system) => (
                  <li key={system.id ?? system.name}>
                    {system.id ? (
                      <Link to={`/systems/${encodeURIComponent(system.id)}` as '/'}>
                        <b>{system.name}</b>
                      </Link>
                    ) : (
                      <b>{system.name}</b>
                    )}{' '}
                    <span className="la-dim">
                      {[
                        system.code,
                        system.level === 0 ? `${t('system.level')}: ${t('system.unknown').toLocaleLowerCase()}` : t('system.levelOf', { n: system.level }),
                        system.critical && t('system.critical'),
                        system.military && t('system.military'),
                      ]
                        .filter(Boolean)
                        .join(' · ')}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </>,
        )}
        {part(
          'outcome',
          t('part.outcome'),
          (['cause', 'measure', 'lessons'] as const).map((field) => (
            <div key={field} className={css.outcome}>
              <h4>{t(`field.${field}`)}</h4>
              {incident[field] ? <PlainText text={incident[field]} /> : <Missing text={t('overview.notWritten')} />}
            </div>
          )),
        )}
      </div>
      <div className={css.column}>
        {part('times', t('overview.times'), <Times incident={incident} />)}
        <Relations incident={incident} />
        <Similar id={incident.id} />
        {incident.reference !== '' && (
          <section className={css.part}>
            <Title order={3}>{t('overview.reference')}</Title>
            <Text size="sm" mt={6} className="la-wrap">
              {t(`origin.${incident.origin}`)}: {incident.reference}
            </Text>
          </section>
        )}
      </div>
    </div>
  );
}

function Missing({ text }: { text: string }) {
  return (
    <Text size="sm" className="la-dim">
      {text}
    </Text>
  );
}

const minuteMs = 60_000;

/** "3 giờ 20 phút" */
function useSpan() {
  const { t } = useTranslation(['triage', 'incidents']);
  return (from: string, to: string) => {
    const minutes = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / minuteMs));
    if (minutes < 60) return t('triage:span.minutes', { n: minutes });
    const hours = Math.floor(minutes / 60);
    if (hours >= 48) return t('triage:span.days', { n: Math.round(hours / 24) });
    return [t('triage:span.hours', { n: hours }), minutes % 60 > 0 && t('triage:span.minutes', { n: minutes % 60 })].filter(Boolean).join(' ');
  };
}

function Times({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation('incidents');
  const span = useSpan();
  return (
    <dl className={css.dl}>
      {moments.map((field) => (
        <div key={field} style={{ display: 'contents' }}>
          <dt>{t(`field.${field}`)}</dt>
          <dd>
            {incident[field] ? <Time at={incident[field]} /> : <span className="la-dim">{t('overview.notWritten')}</span>}
            {field === 'containedAt' && incident.containedAt && <div className={css.took}>{`${t('overview.toContain')}: ${span(incident.detectedAt, incident.containedAt)}`}</div>}
            {field === 'recoveredAt' && incident.recoveredAt && <div className={css.took}>{`${t('overview.toRecover')}: ${span(incident.detectedAt, incident.recoveredAt)}`}</div>}
          </dd>
        </div>
      ))}
      <dt>{t('column.opened')}</dt>
      <dd>
        <Time at={incident.openedAt} />
        <div className={css.took}>{`${t('overview.toAcknowledge')}: ${span(incident.detectedAt, incident.openedAt)}`}</div>
      </dd>
      {incident.closedAt && (
        <>
          <dt>{t('phase.closed')}</dt>
          <dd>
            <Time at={incident.closedAt} />
          </dd>
        </>
      )}
      <dt>{t('column.changed')}</dt>
      <dd>
        <Ago at={incident.changedAt} />
      </dd>
    </dl>
  );
}

function Similar({ id }: { id: string }) {
  const { t } = useTranslation('incidents');
  const { data, error, isPending, refetch } = useQuery(similarIncidentsQuery(id));
  return (
    <section className={css.part} aria-label={t('overview.similar')}>
      <Title order={3}>{t('overview.similar')}</Title>
      {isPending && <Rows count={2} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <Missing text={t('overview.similarNone')} />}
      <ul className={css.similar}>
        {data?.items.map((one) => (
          <li key={one.id}>
            <Link to="/incidents/$id" params={{ id: one.id }}>
              <span className="la-mono">{one.code}</span> {one.title}
            </Link>
            <div className={css.under}>
              <LevelBadge level={one.severity} /> <PhaseMark phase={one.phase} /> <Ago at={one.openedAt} />
            </div>
            <Text size="xs" className="la-dim la-wrap">
              {t('overview.same')}: <span className="la-mono">{one.values.join(', ')}</span>
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
