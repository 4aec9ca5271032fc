import '../../i18n/dossiers';

import { Alert, Button, Group, Skeleton, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type DossierDetail, type DossierPaper, dossierQuery, type DossierVerb, levelsQuery } from '../../api/dossierQueries';
import { useMay } from '../../app/session';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState } from '../../ui/State';
import { Time } from '../../ui/Time';
import { Denied } from '../users/Denied';
import css from './dossiers.module.css';
import { Calls } from './Calls';
import { Files } from './Files';
import { ClockMark, dayText, LevelMark, StateMark } from './marks';
import { Papers } from './Papers';
import { Questionnaire } from './Questionnaire';
import { StepDialog } from './StepDialog';

const route = getRouteApi('/dossiers/$id');

export function DossierPage() {
  const { id } = route.useParams();
  const query = useQuery(dossierQuery(id));
  return (
    <Denied action="dossier.read">
      {query.isError && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={240} m="md" />}
      {query.data && <Shown dossier={query.data} />}
    </Denied>
  );
}

const primary: readonly DossierVerb[] = ['send', 'accept', 'judge', 'approve'];

/** A dossier: how far it is, the questionnaire, its parts, and what is to be done. */
function Shown({ dossier }: { dossier: DossierDetail }) {
  const { t, i18n } = useTranslation('dossiers');
  const may = useMay();
  const [asked, setAsked] = useState<DossierVerb>();
  const editable = dossier.state === 'draft' && may('dossier.write');
  return (
    <div className={`${page.page ?? ''} ${page.narrow ?? ''}`}>
      <Link to="/dossiers" className={page.back}>
        <IconArrowLeft size={15} /> {t('back')}
      </Link>
      <PageHeader title={`${dossier.code} · ${dossier.systemName}`}>
        <Group gap="xs">
          {(dossier.verbs as DossierVerb[]).map((verb) => (
            <Button key={verb} size="xs" variant={primary.includes(verb) ? 'filled' : 'default'} onClick={() => { setAsked(verb); }}>
              {t(`verb.${verb}`)}
            </Button>
          ))}
        </Group>
      </PageHeader>
      {dossier.remarks !== '' && (
        <Alert color="orange" title={t('remarks')} mb="sm" className="la-wrap" classNames={{ title: css.alertTitle ?? '' }}>
          {dossier.remarks}
        </Alert>
      )}
      {dossier.needsCouncil && dossier.council.number === '' && (dossier.state === 'sent' || dossier.state === 'appraising') && (
        <Alert color="yellow" mb="sm">
          {t('councilNeeded')}
        </Alert>
      )}
      {dossier.triggers.length > 0 && (
        <Alert color="yellow" title={t('redetermine')} mb="sm" classNames={{ title: css.alertTitle ?? '' }}>
          {dossier.triggers.map((one) => `${i18n.language === 'vi' ? one.vi : one.en} (${one.article})`).join('; ')}
        </Alert>
      )}
      <Calls system={dossier.system} />
      <section className={`la-card ${css.section ?? ''}`}>
        <Track dossier={dossier} />
        <Facts dossier={dossier} />
      </section>
      <section className={`la-card ${css.section ?? ''}`}>
        <Title order={2} size="h4">{t('sections.questions')}</Title>
        <Questionnaire dossier={dossier} editable={editable} />
      </section>
      <section className={`la-card ${css.section ?? ''}`}>
        <Title order={2} size="h4">{t('sections.files')}</Title>
        <Files dossier={dossier} editable={editable} />
      </section>
      <section className={`la-card ${css.section ?? ''}`}>
        <Title order={2} size="h4">{t('sections.papers')}</Title>
        <Papers dossier={dossier} />
      </section>
      <Procedure level={dossier.level} />
      <History dossier={dossier} />
      {asked && <StepDialog dossier={dossier} verb={asked} onClose={() => { setAsked(undefined); }} />}
    </div>
  );
}

const order = ['draft', 'sent', 'appraising', 'judged', 'approved'] as const;

/** The states of Form 08, with who brought the dossier there. */
function Track({ dossier }: { dossier: DossierDetail }) {
  const { t } = useTranslation('dossiers');
  const at = order.findIndex((state) => state === dossier.state);
  const steps = [
    { name: t('formStates.draft'), from: 0, to: 0, who: '' },
    { name: t('formStates.sent'), from: 1, to: 2, who: dossier.sender.displayName },
    { name: t('formStates.judged'), from: 3, to: 3, who: dossier.judge.displayName },
    { name: t('formStates.approved'), from: 4, to: 4, who: dossier.decider.displayName },
  ];
  return (
    <ol className={css.track} aria-label={t('track')}>
      {steps.map((step) => (
        <li key={step.name} data-done={at > step.to || (at === 4 && step.from === 4) || undefined} aria-current={at >= step.from && at <= step.to ? 'step' : undefined}>
          <strong>{step.name}</strong>
          {step.who}
        </li>
      ))}
    </ol>
  );
}

const paperText = (paper: DossierPaper) => (paper.number === '' ? '' : `${paper.number}, ${dayText(paper.date)}, ${paper.issuer}`);

function Facts({ dossier }: { dossier: DossierDetail }) {
  const { t, i18n } = useTranslation('dossiers');
  const book = useQuery(levelsQuery).data;
  const trigger = book?.triggers.find((one) => one.id === dossier.trigger);
  const facts: [string, React.ReactNode][] = [
    [t('stateName'), <StateMark key="state" state={dossier.state} />],
    [t('level'), <LevelMark key="level" level={dossier.level} />],
    [t('owner'), dossier.unitName],
    [t('operator'), dossier.operatorName],
    [t('due'), dossier.clock === '' ? '' : <ClockMark key="due" dossier={dossier} />],
    [t('regulation'), paperText(dossier.regulation) || t('regulationMissing')],
    [t('council'), paperText(dossier.council)],
    [t('opinion'), paperText(dossier.opinion)],
    [t('decision'), paperText(dossier.decision)],
    [t('trigger'), trigger ? (i18n.language === 'vi' ? trigger.vi : trigger.en) : ''],
    [t('reason'), dossier.reason],
  ];
  return (
    <dl className={page.facts} aria-label={t('sections.facts')}>
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Who appraises and who approves at this level, and in what time. */
function Procedure({ level }: { level: number }) {
  const { t, i18n } = useTranslation('dossiers');
  const procedure = useQuery(levelsQuery).data?.procedures.find((one) => one.level === level);
  if (!procedure) return null;
  const word = (one: { vi: string; en: string }) => (i18n.language === 'vi' ? one.vi : one.en);
  const days = (count: number) => (count === 0 ? t('noDays') : t('days', { days: count }));
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <Title order={2} size="h4">{t('sections.procedure')}</Title>
      <dl className={page.facts}>
        <div>
          <dt>{t('by')}</dt>
          <dd>{word(procedure.by)}</dd>
        </div>
        <div>
          <dt>{t('appraiser')}</dt>
          <dd>
            {word(procedure.appraiser)} ({days(procedure.appraise)})
          </dd>
        </div>
        <div>
          <dt>{t('approver')}</dt>
          <dd>
            {word(procedure.approver)} ({days(procedure.approve)})
          </dd>
        </div>
        <div>
          <dt>{t('clocks.check')}</dt>
          <dd>{days(procedure.check)}</dd>
        </div>
        <div>
          <dt>{t('basis')}</dt>
          <dd>{procedure.article}</dd>
        </div>
      </dl>
    </section>
  );
}

function History({ dossier }: { dossier: DossierDetail }) {
  const { t } = useTranslation('dossiers');
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <Title order={2} size="h4">{t('sections.history')}</Title>
      <ol className={css.list}>
        {dossier.steps.length === 0 && <li className="la-dim">{t('noSteps')}</li>}
        {dossier.steps.map((step) => (
          <li key={step.id}>
            <Time at={step.at} />
            <strong>{t(`verb.${step.verb}`)}</strong>
            <span>{step.by.displayName}</span>
            {step.paper.number !== '' && <span>{paperText(step.paper)}</span>}
            {step.note !== '' && <span className={`${css.grow ?? ''} la-wrap`}>{step.note}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
