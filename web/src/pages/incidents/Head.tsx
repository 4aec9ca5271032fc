import '../../i18n/casework';
import '../../i18n/incidents';

import { Button, Menu, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconChevronDown, IconDownload, IconLock, IconPencil } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { IncidentDetail } from '../../api/incidentQueries';
import { useMay, useSession } from '../../app/session';
import { PapBadge, TlpBadge } from '../../kit/badges';
import { DrillMark } from '../../kit/Drill';
import { type Phase, phases } from '../../lib/incidentParams';
import { LevelBadge } from '../../ui/Badge';
import { Copy } from '../../ui/Copy';
import { Ago, Time } from '../../ui/Time';
import css from './incidents.module.css';
import { GraveMark, Lead } from './marks';
import type { Acting } from './useActing';
import { useCatalogue } from './words';

export const nextPhase = (phase: Phase): Phase | undefined => phases[phases.indexOf(phase) + 1];
export const previousPhase = (phase: Phase): Phase | undefined => phases[phases.indexOf(phase) - 1];

/** What the incident is, how far it is, and what can be done with it. */
export function Head({ incident, acting }: { incident: IncidentDetail; acting: Acting }) {
  const { t } = useTranslation(['translation', 'incidents']);
  const { category } = useCatalogue();
  return (
    <header className={css.head}>
      <div className={css.headMarks}>
        <span className={css.code}>{incident.code}</span>
        <Copy value={`${window.location.origin}/incidents/${incident.id}`} label={t('alerts.copyLink')} />
        {incident.drill && <DrillMark />}
        <LevelBadge level={incident.severity} />
        {incident.grave && <GraveMark />}
        <TlpBadge tlp={incident.tlp} />
        <PapBadge pap={incident.pap} />
      </div>
      <Title order={1} className="la-wrap">
        {incident.title}
      </Title>
      <Text size="sm" component="div" className={css.facts1}>
        <span>{category(incident.category)}</span>
        <Link to="/incidents" search={{ unit: incident.unit }} data-tip={t('incidents:unitSeen')}>
          {incident.unitName || incident.unit}
        </Link>
        <span>
          {t('incidents:field.lead')}: <b>{<Lead incident={incident} />}</b>
        </span>
        {incident.leading && (
          <span>
            {t('incidents:leading')}: <b>{incident.leading.name}</b>
          </span>
        )}
        <span>
          {t('incidents:field.detectedAt')} <Time at={incident.detectedAt} /> (<Ago at={incident.detectedAt} />)
        </span>
        <span className="la-dim">
          {t(`incidents:origin.${incident.origin}`)}, {t('incidents:page.opened', { name: incident.openedBy.displayName })}
        </span>
      </Text>
      <Notices incident={incident} />
      <Phases incident={incident} acting={acting} />
      <Buttons incident={incident} acting={acting} />
    </header>
  );
}

function Notices({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation('incidents');
  return (
    <>
      {incident.secrecy !== '' && (
        <div className={css.secret} role="note">
          <IconLock size={18} aria-hidden="true" /> {t('secrecy.notice', { mark: t(`secrecy.${incident.secrecy}`) })}
        </div>
      )}
      {incident.mergedInto && (
        <div className={css.notice} role="note">
          {t('page.merged')}{' '}
          <Link to="/incidents/$id" params={{ id: incident.mergedInto }}>
            {t('page.mergedLink')}
          </Link>
        </div>
      )}
      {incident.summarised && (
        <div className={css.notice} role="note">
          {t('page.summarised')}
        </div>
      )}
      {!incident.mayChange && !incident.summarised && (
        <div className={css.notice} role="note">
          {t('page.readOnly')}
        </div>
      )}
    </>
  );
}

/** The phases in their order; each can be gone to. */
function Phases({ incident, acting }: { incident: IncidentDetail; acting: Acting }) {
  const { t } = useTranslation('incidents');
  const at = phases.indexOf(incident.phase);
  const may = incident.mayChange && !incident.mergedInto;
  return (
    <ol className={css.phases} aria-label={t('move.label')}>
      {phases.map((phase, i) => {
        const state = i < at ? 'past' : i === at ? 'now' : 'coming';
        const said = state === 'now' ? `, ${t('move.now')}` : state === 'past' ? `, ${t('move.past')}` : '';
        return (
          <li key={phase} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
            {may && i !== at ? (
              <button
                type="button"
                data-tip={t('move.to', { phase: t(`phase.${phase}`) })}
                onClick={() => {
                  acting.move(phase);
                }}
              >
                {t(`phase.${phase}`)}
                <span className="la-hidden">{said}</span>
              </button>
            ) : (
              <span>
                {t(`phase.${phase}`)}
                <span className="la-hidden">{said}</span>
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Buttons({ incident, acting }: { incident: IncidentDetail; acting: Acting }) {
  const { t } = useTranslation(['incidents', 'casework']);
  const { user } = useSession();
  const may = useMay();
  const exports = (
    <Button size="xs" variant="subtle" color="gray" leftSection={<IconDownload size={15} />} onClick={acting.export}>
      {t('casework:export.menu')}
    </Button>
  );
  if (!incident.mayChange || incident.mergedInto) return <div className={css.buttons}>{exports}</div>;
  const next = nextPhase(incident.phase);
  const previous = previousPhase(incident.phase);
  return (
    <div className={css.buttons}>
      {next && (
        <Button
          size="xs"
          rightSection={<IconArrowRight size={15} />}
          data-tip={`${next === 'closed' ? t('move.close') : t('move.to', { phase: t(`phase.${next}`) })} (f)`}
          onClick={() => {
            acting.move(next);
          }}
        >
          {next === 'closed' ? t('move.close') : t('move.to', { phase: t(`phase.${next}`) })}
        </Button>
      )}
      {incident.lead?.id !== user.id && incident.phase !== 'closed' && (
        <Button size="xs" variant="default" loading={acting.taking} data-tip={`${t('next.take')} (a)`} onClick={acting.take}>
          {t('next.take')}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPencil size={15} />}
        data-tip={`${t('page.edit')} (e)`}
        onClick={() => {
          acting.edit('what');
        }}
      >
        {t('page.edit')}
      </Button>
      <Menu>
        <Menu.Target>
          <Button size="xs" variant="subtle" color="gray" rightSection={<IconChevronDown size={13} />}>
            {t('page.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {previous && (
            <Menu.Item
              leftSection={<IconArrowLeft size={15} />}
              onClick={() => {
                acting.move(previous);
              }}
            >
              {incident.phase === 'closed' ? t('move.reopen', { phase: t(`phase.${previous}`) }) : t('move.back', { phase: t(`phase.${previous}`) })}
            </Menu.Item>
          )}
          {incident.phase !== 'closed' && next !== 'closed' && (
            <Menu.Item
              onClick={() => {
                acting.move('closed');
              }}
            >
              {t('move.close')}
            </Menu.Item>
          )}
          {(['lead', 'flags', 'where', 'times', 'marks', 'outcome'] as const).map((part) => (
            <Menu.Item
              key={part}
              onClick={() => {
                acting.edit(part);
              }}
            >
              {t('page.edit')}: {t(`part.${part}`)}
            </Menu.Item>
          ))}
          {may('incident.handle') && incident.phase !== 'closed' && <Menu.Item onClick={acting.merge}>{t('alert.mergeAction')}</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {exports}
    </div>
  );
}
