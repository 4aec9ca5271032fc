import '../../i18n/incidents';

import { Button } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type IncidentDetail, type IncidentTask, incidentTasksQuery } from '../../api/incidentQueries';
import { obligationsQuery } from '../../api/obligationQueries';
import { useMay } from '../../app/session';
import { lacking } from '../../lib/incidentDraft';
import type { IncidentTab } from '../../lib/incidentParams';
import { Time } from '../../ui/Time';
import { Countdown } from '../obligations/Countdown';
import { nextPhase } from './Head';
import css from './incidents.module.css';
import type { Acting } from './useActing';

interface Props {
  incident: IncidentDetail;
  acting: Acting;
  onTab: (tab: IncidentTab) => void;
}

/** Open tasks in the order they are to be done. */
export const openTasks = (tasks: readonly IncidentTask[]) =>
  tasks.filter((task) => task.state === 'open').sort((a, b) => (a.dueAt ?? '9').localeCompare(b.dueAt ?? '9'));

/** The running legal clocks of the incident, the nearest first. */
export function Deadlines({ incident, onTab }: Pick<Props, 'incident' | 'onTab'>) {
  const { t, i18n } = useTranslation('incidents');
  const may = useMay();
  const { data } = useQuery({
    ...obligationsQuery({ subjectKind: 'incident', subject: incident.id, drill: incident.drill }),
    enabled: may('obligation.read'),
    refetchInterval: 15_000,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <ul className={css.deadlines} aria-label={t('column.deadline')}>
      {data.items.map((one) => (
        <li key={one.id}>
          <button
            type="button"
            onClick={() => {
              onTab('obligations');
            }}
          >
            {i18n.language === 'vi' ? one.titleVi : one.title}
          </button>
          <Countdown of={one} />
        </li>
      ))}
    </ul>
  );
}

/** What presses now, each with the button that does it. At three in the morning this is what is read. */
export function NextSteps({ incident, acting, onTab }: Props) {
  const { t } = useTranslation('incidents');
  const tasks = useQuery(incidentTasksQuery(incident.id));
  if (!incident.mayChange || incident.mergedInto || incident.phase === 'closed' || !tasks.data) return null;
  const open = openTasks(tasks.data.items);
  const [task] = open;
  const late = open.filter((one) => one.late).length;
  const next = nextPhase(incident.phase);
  const lacks = lacking(incident);
  const ofPhase = open.filter((one) => one.phase === incident.phase).length;
  const steps: { id: string; text: React.ReactNode; action: string; run: () => void; urgent?: boolean }[] = [];
  if (!incident.lead) steps.push({ id: 'lead', text: t('next.lead'), action: t('next.take'), run: acting.take, urgent: true });
  if (task) {
    steps.push({
      id: 'task',
      urgent: task.late,
      text: (
        <>
          {t('next.task', { title: task.title })}{' '}
          <span className="la-dim">
            {`– ${task.unitName || task.unit}`}
            {task.owner ? ` · ${task.owner.displayName}` : ` · ${t('next.unassigned')}`}
            {task.dueAt && (
              <>
                {' '}
                · {t('next.due')} <Time at={task.dueAt} />
              </>
            )}
            {late > 1 && ` · ${t('next.late', { count: late })}`}
          </span>
        </>
      ),
      action: t('next.do'),
      run: () => {
        onTab('tasks');
      },
    });
  }
  if (next === 'closed') {
    steps.push(
      lacks.length > 0
        ? {
            id: 'lacks',
            text: t('next.lacks', { what: lacks.map((field) => t(`field.${field}`).toLocaleLowerCase()).join(', ') }),
            action: t('next.write'),
            run: () => {
              acting.edit('outcome');
            },
          }
        : {
            id: 'close',
            text: t('next.close'),
            action: t('move.close'),
            run: () => {
              acting.move('closed');
            },
          },
    );
  } else if (next && ofPhase === 0 && tasks.data.items.some((one) => one.phase === incident.phase)) {
    steps.push({
      id: 'phase',
      text: t('next.phase'),
      action: t('move.to', { phase: t(`phase.${next}`) }),
      run: () => {
        acting.move(next);
      },
    });
  }
  if (steps.length === 0) return null;
  return (
    <section className={css.next} aria-label={t('next.title')}>
      <h2>{t('next.title')}</h2>
      <ul>
        {steps.map((step) => (
          <li key={step.id} data-urgent={step.urgent || undefined}>
            <span className={css.nextText}>{step.text}</span>
            <Button size="compact-sm" variant={step.id === steps[0]?.id ? 'filled' : 'default'} rightSection={<IconChevronRight size={14} />} onClick={step.run}>
              {step.action}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
