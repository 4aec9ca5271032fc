import '../../i18n/drills';

import { Button, Checkbox, Group, Skeleton, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { documentsChanged, draftDocument } from '../../api/documentQueries';
import { type Drill, type DrillReport, drillReportQuery, drillTable, type DrillVerb, stepDrill } from '../../api/drillQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { DrillBand } from '../../kit/Drill';
import { formatTime } from '../../lib/time';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState } from '../../ui/State';
import { useNow } from '../../ui/Time';
import { Denied } from '../users/Denied';
import { DrillDialog } from './DrillDialog';
import css from './drills.module.css';
import { FeedDialog } from './FeedDialog';
import { ResultBadge, StateBadge } from './parts';

const route = getRouteApi('/drills/$id');

export function DrillPage() {
  const { id } = route.useParams();
  const query = useQuery(drillReportQuery(id));
  return (
    <Denied action="drill.read">
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={240} m="md" />}
      {query.data && <Shown report={query.data} />}
    </Denied>
  );
}

/** An exercise: the clock and the injects while it runs, and the report that writes itself. */
function Shown({ report }: { report: DrillReport }) {
  const { t, i18n } = useTranslation('drills');
  const may = useMay();
  const client = useQueryClient();
  const { drill } = report;
  const [asked, setAsked] = useState<Exclude<DrillVerb, 'inject'>>();
  const [editing, setEditing] = useState(false);
  const [feeding, setFeeding] = useState(false);
  const navigate = useNavigate();
  const official = useMutation({
    mutationFn: () => draftDocument({ template: 'drill-report', subjectKind: 'drill', subject: drill.id }),
    onSuccess: async (made) => {
      void documentsChanged(client);
      await navigate({ to: '/documents/$id', params: { id: made.id } });
    },
  });
  const manage = may('drill.manage');
  const names = { start: t('start'), end: t('end'), cancel: t('cancelDrill') };
  const begun = drill.state === 'running' || drill.state === 'ended';
  return (
    <div className={`${page.page ?? ''} ${page.narrow ?? ''}`}>
      <Link to="/drills" className={`${page.back ?? ''} ${css.noPrint ?? ''}`}>
        <IconArrowLeft size={15} /> {t('back')}
      </Link>
      <DrillBand text={t('bandText')} />
      <PageHeader title={drill.name}>
        <Group gap="xs" className={css.noPrint}>
          {manage && drill.state === 'planned' && (
            <>
              <Button size="xs" onClick={() => { setAsked('start'); }}>
                {t('start')}
              </Button>
              <Button size="xs" variant="default" onClick={() => { setEditing(true); }}>
                {t('edit')}
              </Button>
              <Button size="xs" variant="default" onClick={() => { setAsked('cancel'); }}>
                {t('cancelDrill')}
              </Button>
            </>
          )}
          {manage && drill.state === 'running' && (
            <>
              <Button size="xs" variant="default" onClick={() => { setFeeding(true); }}>
                {t('feed')}
              </Button>
              <Button size="xs" onClick={() => { setAsked('end'); }}>
                {t('end')}
              </Button>
            </>
          )}
          {begun && may('alert.read') && (
            <LinkButton size="xs" variant="default" to="/alerts" search={{ drill: drill.id, status: 'new,in_progress,closed' }}>
              {t('feedAlerts')}
            </LinkButton>
          )}
          {begun && (
            <>
              {may('document.draft') && (
                <Button size="xs" variant="default" loading={official.isPending} onClick={() => { official.mutate(); }}>
                  {t('official')}
                </Button>
              )}
              <Button size="xs" variant="default" onClick={() => { window.print(); }}>
                {t('print')}
              </Button>
              <Button size="xs" variant="default" component="a" href={drillTable(drill.id, i18n.language === 'en' ? 'en' : 'vi')} download>
                {t('csv')}
              </Button>
            </>
          )}
        </Group>
      </PageHeader>
      {official.isError && <ErrorState error={official.error} />}
      <div className={`la-card ${css.section ?? ''}`}>
        <Group gap="sm">
          <StateBadge state={drill.state} />
          {drill.state === 'running' && drill.startedAt && <Elapsed since={drill.startedAt} />}
        </Group>
        <dl className={page.facts}>
          <Fact name={t('units')} value={drill.units.map((unit) => unit.name).join(', ')} />
          <Fact name={t(drill.startedAt ? 'startedAt' : 'from')} value={formatTime(drill.startedAt ?? drill.from)} />
          <Fact name={t(drill.endedAt ? 'endedAt' : 'to')} value={formatTime(drill.endedAt ?? drill.to)} />
          {drill.targets.length > 0 && <Fact name={t('targets')} value={drill.targets.join(', ')} />}
        </dl>
        {drill.scenario !== '' && <p className={css.text}>{drill.scenario}</p>}
      </div>
      <Injects drill={drill} manage={manage} />
      {begun && <Findings report={report} />}
      {asked && (
        <ConfirmDialog
          title={names[asked]}
          text={t(`sure.${asked}`)}
          confirm={names[asked]}
          danger={asked === 'cancel'}
          onConfirm={() => stepDrill(client, drill, asked)}
          onClose={() => { setAsked(undefined); }}
        />
      )}
      {feeding && <FeedDialog drill={drill} onClose={() => { setFeeding(false); }} />}
      {editing && <DrillDialog drill={drill} onClose={() => { setEditing(false); }} />}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Elapsed({ since }: { since: string }) {
  const { t } = useTranslation('drills');
  const now = useNow();
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  return (
    <Text size="sm" fw={600}>
      {t('elapsed')} {t('minutes', { count: minutes })}
    </Text>
  );
}

function Injects({ drill, manage }: { drill: Drill; manage: boolean }) {
  const { t } = useTranslation('drills');
  const client = useQueryClient();
  const put = useMutation({ mutationFn: (inject: string) => stepDrill(client, drill, 'inject', inject) });
  if (drill.injects.length === 0) return null;
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <Title order={2}>{t('injects')}</Title>
      {put.isError && <ErrorState error={put.error} />}
      <ol className={css.injects}>
        {drill.injects.map((inject, i) => (
          <li key={inject.id}>
            <Checkbox
              aria-label={t('doInject', { number: i + 1 })}
              checked={inject.doneAt !== undefined}
              disabled={!manage || drill.state !== 'running' || inject.doneAt !== undefined || put.isPending}
              onChange={() => { put.mutate(inject.id); }}
            />
            <span>
              <b>{t('minute')} {inject.minute}</b> · {inject.text}
            </span>
            <span className="la-dim">{inject.doneAt ? t('doneAt', { time: formatTime(inject.doneAt), by: inject.by }) : t('notDone')}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What it comes to: the verdict, missed steps, times and what was owed and done. */
function Findings({ report }: { report: DrillReport }) {
  const { t, i18n } = useTranslation('drills');
  const vi = i18n.language !== 'en';
  const moments = ['detect', 'acknowledge', 'contain', 'recover'] as const;
  return (
    <>
      <section className={`la-card ${css.section ?? ''}`} aria-label={t(report.final ? 'report' : 'live')}>
        <Title order={2}>{t(report.final ? 'report' : 'live')}</Title>
        <Text size="sm" className="la-dim">
          {t('asOf', { time: formatTime(report.at) })}
        </Text>
        <Text fw={600} mt="xs">
          {vi ? report.verdictVi : report.verdictEn}
        </Text>
        {report.truncated && <Text size="sm">{t('truncated')}</Text>}
        <Title order={3} mt="sm">
          {t('missed')}
        </Title>
        {report.missed.length === 0 ? (
          <Text size="sm">{t('noMissed')}</Text>
        ) : (
          <ul className={css.missed}>
            {report.missed.map((missed, i) => (
              <li key={i}>{vi ? missed.vi : missed.en}</li>
            ))}
          </ul>
        )}
      </section>
      <Table title={t('times')} heads={[t('matter'), t('unit'), ...moments.map((moment) => t(`moment.${moment}`))]} empty={t('noMatter')}>
        {report.matters.map((matter) => (
          <tr key={matter.subject.id}>
            <td>
              {matter.subject.kind === 'incident' ? (
                <Link to="/incidents/$id" params={{ id: matter.subject.id }}>
                  {matter.subject.code}
                </Link>
              ) : (
                matter.subject.code
              )}{' '}
              {matter.subject.title}
            </td>
            <td>{matter.unitName}</td>
            {moments.map((moment) => {
              const time = matter.times.find((one) => one.moment === moment);
              return (
                <td key={moment}>
                  {time?.at && <div>{t('minutes', { count: time.minutes })}</div>}
                  {time && time.goal > 0 && <div className="la-dim">{t('goal', { count: time.goal })}</div>}
                  {time && <ResultBadge result={time.result} />}
                </td>
              );
            })}
          </tr>
        ))}
      </Table>
      {report.matters.length === 0 && !report.final && (
        <LinkButton to="/incidents/new" size="xs" mb="sm" className={css.noPrint}>
          {t('openIncident')}
        </LinkButton>
      )}
      {report.duties.length > 0 && (
        <Table title={t('duties')} heads={[t('matter'), t('what'), t('due'), t('resultName')]}>
          {report.duties.map((duty) => (
            <tr key={duty.id}>
              <td>{duty.subject.code}</td>
              <td>{vi ? duty.titleVi : duty.title}</td>
              <td className="la-nowrap">{formatTime(duty.dueAt)}</td>
              <td>
                <ResultBadge result={duty.result} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {report.papers.length > 0 && (
        <Table title={t('papers')} heads={[t('matter'), t('what'), t('when')]}>
          {report.papers.map((paper) => (
            <tr key={paper.id}>
              <td>{paper.subject.code}</td>
              <td>
                {paper.number} {paper.title}
              </td>
              <td className="la-nowrap">{formatTime(paper.at)}</td>
            </tr>
          ))}
        </Table>
      )}
      {report.tasks.length > 0 && (
        <Table title={t('tasks')} heads={[t('matter'), t('what'), t('unit'), t('resultName')]}>
          {report.tasks.map((task, i) => (
            <tr key={i}>
              <td>{task.subject.code}</td>
              <td>{task.title}</td>
              <td>{task.unitName}</td>
              <td>
                <ResultBadge result={task.result} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {report.calls.length > 0 && (
        <Table title={t('calls')} heads={[t('matter'), t('person'), t('askedAt'), t('saidAt'), t('resultName')]}>
          {report.calls.map((call) => (
            <tr key={call.id}>
              <td>{call.subject.code}</td>
              <td>{call.person}</td>
              <td className="la-nowrap">{formatTime(call.askedAt)}</td>
              <td className="la-nowrap">
                {call.saidAt && formatTime(call.saidAt)} {call.saidAt && <span className="la-dim">{t('minutes', { count: call.minutes })}</span>}
              </td>
              <td>
                <ResultBadge result={call.result} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {report.log.length > 0 && (
        <Table title={t('log')} heads={[t('when'), t('what'), t('unit')]}>
          {report.log.map((line) => (
            <tr key={line.id}>
              <td className="la-nowrap">{formatTime(line.at)}</td>
              <td>
                {t(`line.${line.kind}`)}: {line.subject.code} {vi && line.titleVi ? line.titleVi : line.title}
              </td>
              <td>{line.unitName}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Table({ title, heads, empty, children }: { title: string; heads: string[]; empty?: string; children: React.ReactNode[] }) {
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <Title order={2}>{title}</Title>
      {children.length === 0 ? (
        <Text size="sm">{empty}</Text>
      ) : (
        <div className={css.scroll} role="region" aria-label={title} tabIndex={0}>
          <table className={css.table}>
            <thead>
              <tr>
                {heads.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}
