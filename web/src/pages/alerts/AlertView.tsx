import '../../i18n/triage';

import { Anchor, Button, Group, Menu, Stack, Text, Title } from '@mantine/core';
import { IconChevronDown, IconLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { alertQuery } from '../../api/queries';
import type { AlertDetail } from '../../api/types';
import { useMay, useSession } from '../../app/session';
import { useActions } from '../../kit/actions';
import { DrillBand } from '../../kit/Drill';
import { EntityValue } from '../../kit/EntityLink';
import { formatNumber, readTag } from '../../lib/format';
import { LevelBadge, StatusBadge } from '../../ui/Badge';
import { Copy } from '../../ui/Copy';
import { ErrorState, Rows } from '../../ui/State';
import { Ago, Time, useNow } from '../../ui/Time';
import css from './alerts.module.css';
import { Explanation, useTagName } from './Explanation';
import { History } from './History';
import { MatchedEvents } from './MatchedEvents';
import { aboutOf, titleOf } from './names';
import { useReasons } from './reasons';
import { type Target, targetOf } from './useBatch';
import { type Triage, useTriage } from './useTriage';

const Guidance = lazy(() => import('./Guidance').then((m) => ({ default: m.Guidance })));
const IncidentsHere = lazy(() => import('../incidents/IncidentsHere').then((m) => ({ default: m.IncidentsHere })));
const MarkDrill = lazy(() => import('./MarkDrill').then((m) => ({ default: m.MarkDrill })));
const Similar = lazy(() => import('./Similar').then((m) => ({ default: m.Similar })));
const Why = lazy(() => import('./why/Why').then((m) => ({ default: m.Why })));
const Signal = lazy(() => import('./why/Signal').then((m) => ({ default: m.Signal })));

function Tags({ tags }: { tags: string[] }) {
  const { t } = useTranslation();
  const tagName = useTagName();
  const read = tags.map((tag) => ({ ...readTag(tag), name: tagName(tag) })).filter((tag) => tag.kind !== 'other');
  if (read.length === 0) return null;
  return (
    <Group gap={6} role="list" aria-label={t('alerts.attack')}>
      {read.map((tag) => (
        <span key={tag.label} role="listitem">
          {tag.kind === 'technique' ? (
            <Link to="/attack" search={{ id: tag.label }} className={css.tag} data-kind="technique">
              {tag.label}
            </Link>
          ) : (
            <span className={css.tag}>{tag.name}</span>
          )}
        </span>
      ))}
    </Group>
  );
}


interface Props {
  id: string;
  /** Beside a list, which has the heading and the keys. */
  panel?: boolean;
}

export function AlertView({ id, panel = false }: Props) {
  const { t, i18n } = useTranslation(['translation', 'triage', 'incidents', 'kit']);
  const { data: alert, error, isPending, refetch } = useQuery(alertQuery(id));
  const triage = useTriage();
  const may = useMay();
  const mayIncident = may('incident.read');
  const mayDrill = may('drill.read');
  const { nameOf } = useReasons();
  const target = alert && targetOf([{ ...alert, signalKind: alert.signal?.kind ?? alert.signalKind }], aboutOf(alert, i18n.language));

  if (error && !alert) {
    return (
      <div className={css.alert}>
        <ErrorState error={error} retry={() => void refetch()} />
      </div>
    );
  }
  if (isPending || !target) return <Rows count={10} />;

  const vietnamese = i18n.language === 'vi';
  const title = titleOf(alert, i18n.language);
  return (
    <article className={panel ? css.inPanel : css.alert} aria-label={title}>
      {alert.drill !== '' && (
        <DrillBand
          text={
            <>
              {t('kit:drill.text')}{' '}
              {mayDrill && (
                <Link to="/drills/$id" params={{ id: alert.drill }}>
                  {t('triage:drill.open')}
                </Link>
              )}
            </>
          }
        />
      )}
      <header className={css.viewHead}>
        <Group gap={6}>
          <LevelBadge level={alert.level} />
          <StatusBadge status={alert.status} />
          {alert.reason && <span className="la-dim">{nameOf(alert.reason)}</span>}
          {alert.postponedUntil && (
            <span className="la-dim">
              {t('triage:postponedUntil')} <Time at={alert.postponedUntil} />
            </span>
          )}
        </Group>
        {!panel && (
          <Title order={1} mt={8} className="la-wrap">
            {title}
          </Title>
        )}
        {vietnamese && alert.titleVi && alert.titleVi !== alert.title && (
          <Text size="xs" className="la-dim" lang="en">
            {alert.title}
          </Text>
        )}
        <Buttons alert={alert} target={target} triage={triage} />
      </header>

      <Facts alert={alert} />
      {mayIncident && (
        <Suspense fallback={null}>
          <IncidentsHere filter={{ alert: id, status: 'any' }} title={t('incidents:alert.of')} quiet />
        </Suspense>
      )}

      <div className={panel ? css.stack : css.two}>
        <Stack gap="md">
          <Explanation alert={alert} />
          <Suspense fallback={<Rows count={4} />}>
            <Guidance key={id} alert={alert} />
          </Suspense>
          <Suspense fallback={<Rows count={5} />}>
            {alert.signal ? <Signal signal={alert.signal} /> : <Why key={id} alert={alert} />}
          </Suspense>
          <MatchedEvents alert={alert} />
        </Stack>
        <Stack gap="md">
          <Suspense fallback={<Rows count={3} />}>
            <Similar
              key={id}
              alert={alert}
              onClose={
                triage.may
                  ? (reason, note) => {
                      triage.close(target, { reason, note });
                    }
                  : undefined
              }
            />
          </Suspense>
          <History alert={alert} />
          <About alert={alert} />
        </Stack>
      </div>
      {!panel && <Keys alert={alert} target={target} triage={triage} />}
      {triage.dialogs}
    </article>
  );
}

interface Acting {
  alert: AlertDetail;
  target: Target;
  triage: Triage;
}

/** The keys of the page of one alert, the same as in the queue. */
function Keys({ alert, target, triage }: Acting) {
  const { t } = useTranslation(['translation', 'triage']);
  const closed = alert.status === 'closed';
  const { may, mayExclude } = triage;
  useActions([
    { id: 'alert take', name: t('alerts.assignMe'), key: 'a', off: !may || closed, run: () => { triage.take(target); } },
    { id: 'alert note', name: t('triage:note.action'), key: 'n', off: !may, run: () => { triage.note(target); } },
    { id: 'alert assign', name: t('triage:bulk.assignTo'), key: 'm', off: !may || closed, run: () => { triage.assign(target); } },
    { id: 'alert postpone', name: t('triage:today.postpone'), key: 'p', off: !may || closed, run: () => { triage.postpone(target); } },
    { id: 'alert close', name: t('alerts.close'), key: 'c', off: !may || closed, run: () => { triage.close(target); } },
    { id: 'alert reopen', name: t('alerts.reopen'), key: 'r', off: !may || !closed, run: () => { triage.reopen(target); } },
    ...triage.incidentActions.map(({ id, name, key, run }) => ({ id: `alert ${id}`, name, key, run: () => { run(target); } })),
    { id: 'alert exclude', name: t('triage:exclude.action'), key: 'e', off: !mayExclude || target.example === undefined, run: () => { triage.exclude(target); } },
  ]);
  return null;
}

function Buttons({ alert, target, triage }: Acting) {
  const { t } = useTranslation(['translation', 'triage']);
  const { user } = useSession();
  const mine = alert.assignee?.id === user.id;
  const excludes = triage.mayExclude && target.example !== undefined;
  const marks = useMay()('alert.drill');
  const [marking, setMarking] = useState(false);
  const copy = <Copy value={`${window.location.origin}/alerts/${alert.id}`} label={t('alerts.copyLink')} />;
  if (!triage.may && !excludes && triage.incidentActions.length === 0) return <Group mt="sm">{copy}</Group>;
  return (
    <Group gap="xs" mt="sm">
      {triage.may && alert.status === 'closed' && (
        <Button size="xs" variant="default" loading={triage.pending} onClick={() => { triage.reopen(target); }}>
          {t('alerts.reopen')}
        </Button>
      )}
      {triage.may && alert.status !== 'closed' && (
        <>
          {!mine && (
            <Button size="xs" variant="default" loading={triage.pending} onClick={() => { triage.take(target); }}>
              {t('alerts.assignMe')}
            </Button>
          )}
          <Button size="xs" onClick={() => { triage.close(target); }}>
            {t('alerts.close')}
          </Button>
        </>
      )}
      {triage.may && (
        <Button size="xs" variant="default" onClick={() => { triage.note(target); }}>
          {t(alert.status === 'new' ? 'triage:note.acknowledgeShort' : 'triage:note.action')}
        </Button>
      )}
      <Menu>
        <Menu.Target>
          <Button size="xs" variant="subtle" color="gray" rightSection={<IconChevronDown size={13} />}>
            {t('alerts.moreActions')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {triage.incidentActions.map(({ id, name, run }) => (
            <Menu.Item key={id} onClick={() => { run(target); }}>
              {name}
            </Menu.Item>
          ))}
          {marks && <Menu.Item onClick={() => { setMarking(true); }}>{t(alert.drill === '' ? 'triage:drill.mark' : 'triage:drill.unmark')}</Menu.Item>}
          {excludes && <Menu.Item onClick={() => { triage.exclude(target); }}>{t('triage:exclude.action')}</Menu.Item>}
          {triage.may && alert.status !== 'closed' && (
            <>
              <Menu.Item onClick={() => { triage.assign(target); }}>{t('triage:bulk.assignTo')}</Menu.Item>
              {alert.assignee && <Menu.Item onClick={() => { triage.unassign(target); }}>{t('alerts.unassign')}</Menu.Item>}
              {alert.postponedUntil ? (
                <Menu.Item onClick={() => { triage.resume(target); }}>{t('triage:today.resume')}</Menu.Item>
              ) : (
                <Menu.Item onClick={() => { triage.postpone(target); }}>{t('triage:today.postpone')}</Menu.Item>
              )}
              {alert.status === 'in_progress' && <Menu.Item onClick={() => { triage.renew(target); }}>{t('alerts.backToNew')}</Menu.Item>}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {copy}
      {marking && (
        <Suspense fallback={null}>
          <MarkDrill alert={alert} onClose={() => { setMarking(false); }} />
        </Suspense>
      )}
    </Group>
  );
}

function Facts({ alert }: { alert: AlertDetail }) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const now = useNow();
  return (
    <dl className={css.facts}>
      {alert.entityValue && (
        <div>
          <dt>{alert.entityField || t('alerts.entity')}</dt>
          <dd>
            <EntityValue field={alert.entityField} value={alert.entityValue} className="la-mono la-wrap" /> <Copy value={alert.entityValue} />
          </dd>
        </div>
      )}
      <div>
        <dt>{t('alerts.unit')}</dt>
        <dd>
          <Link to="/alerts" search={{ unit: alert.unit }}>
            {alert.unitName || alert.unit}
          </Link>
        </dd>
      </div>
      <div>
        <dt>{t('alerts.assignee')}</dt>
        <dd>{alert.assignee?.displayName ?? t('alerts.nobody')}</dd>
      </div>
      <div>
        <dt>{t('alerts.count')}</dt>
        <dd className="la-num">{formatNumber(alert.count, i18n.language)}</dd>
      </div>
      <div>
        <dt>{t('alerts.firstSeen')}</dt>
        <dd>
          <Time at={alert.firstSeen} />
        </dd>
      </div>
      <div>
        <dt>{t('alerts.lastSeen')}</dt>
        <dd>
          <Time at={alert.lastSeen} />
        </dd>
      </div>
      {alert.dueAt && (
        <div>
          <dt>{t('triage:due')}</dt>
          <dd>
            {Date.parse(alert.dueAt) < now ? (
              <span className={css.late}>
                {t('triage:late')} <Ago at={alert.dueAt} />
              </span>
            ) : (
              <Time at={alert.dueAt} />
            )}
          </dd>
        </div>
      )}
    </dl>
  );
}

/** What the alert comes from: the rule, its techniques, where it is known to be wrong. */
function About({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation(['translation', 'triage']);
  const every = { ruleId: alert.ruleId, status: 'new,in_progress,closed' };
  const falsepositives = alert.rule?.falsepositives ?? [];
  const references = alert.rule?.references ?? [];
  if (alert.signal) {
    return (
      <Link to="/alerts" search={every}>
        {t('alerts.sameKind')}
      </Link>
    );
  }
  return (
    <>
      <section>
        <Title order={3} mb={6}>
          {t('triage:rule.title')}
        </Title>
        <Tags tags={alert.tags} />
        <Group gap={6} mt={8}>
          <Link to="/rules/$id" params={{ id: alert.ruleId }}>
            {t('alerts.openRule')}
          </Link>
          <span className="la-dim">·</span>
          <Link to="/alerts" search={every}>
            {t('alerts.sameRule')}
          </Link>
        </Group>
        {alert.ruleVersion && (
          <Text size="xs" className="la-dim" mt={6}>
            {t(alert.ruleVersion.current ? 'triage:rule.current' : 'triage:rule.changed')} <span className="la-mono">{alert.ruleVersion.hash.slice(0, 12)}</span>
          </Text>
        )}
      </section>
      {falsepositives.length > 0 && (
        <section>
          <Title order={3} mb={4}>
            {t('alerts.falsepositives')}
          </Title>
          <ul className={css.plain} lang="en">
            {falsepositives.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </section>
      )}
      {references.length > 0 && (
        <section>
          <Title order={3} mb={4}>
            {t('alerts.references')}
          </Title>
          <ul className={css.plain}>
            {references.map((link) => (
              <li key={link} className="la-wrap">
                {/^https?:\/\//.test(link) ? (
                  <Anchor href={link} target="_blank" rel="noreferrer noopener" size="sm" c="var(--la-accent)">
                    <IconLink size={12} /> {link}
                  </Anchor>
                ) : (
                  link
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
