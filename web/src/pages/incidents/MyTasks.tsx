import '../../i18n/casework';
import '../../i18n/incidents';

import { Button, Checkbox, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type MyTask, myTasksQuery } from '../../api/caseworkQueries';
import { changeTask, incidentChanged } from '../../api/incidentQueries';
import { DrillMark } from '../../kit/Drill';
import { Badge } from '../../ui/Badge';
import { useErrorText } from '../../ui/errors';
import { ErrorState } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import work from './casework.module.css';
import css from './incidents.module.css';

const atFirst = 6;

/** What the reader is to do about incidents, what is due first; ticked and finished where it stands. */
export function MyTasks() {
  const { t } = useTranslation('casework');
  const { data, error, refetch } = useQuery(myTasksQuery);
  const [whole, setWhole] = useState(false);
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data || data.items.length === 0) return null;
  const late = data.items.filter((one) => one.late).length;
  const shown = whole ? data.items : data.items.slice(0, atFirst);
  return (
    <section className={css.here} aria-label={t('mine.title')}>
      <Title order={3}>
        {t('mine.title')} {late > 0 && <Badge tone="critical">{t('mine.late', { count: late })}</Badge>}
      </Title>
      <ul>
        {shown.map((one) => (
          <Task key={one.id} task={one} />
        ))}
      </ul>
      {shown.length < data.items.length && (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            setWhole(true);
          }}
        >
          {t('mine.more', { count: data.items.length - shown.length })}
        </Button>
      )}
    </section>
  );
}

function Task({ task }: { task: MyTask }) {
  const { t } = useTranslation('casework');
  const client = useQueryClient();
  const errorText = useErrorText();
  const save = useMutation({
    mutationFn: (change: Omit<Parameters<typeof changeTask>[2], 'version'>) => changeTask(task.incident.id, task.id, { version: task.version, ...change }),
    onSuccess: (after) => {
      if (after.state === 'done') toast({ message: t('mine.done', { title: task.title }), autoClose: 4_000 });
    },
    onSettled: () => incidentChanged(client),
    onError: (error) => {
      const words = errorText(error);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  return (
    <li style={{ '--bar': `var(--la-${task.late ? 'critical' : task.incident.severity}-bar)` } as React.CSSProperties} data-late={task.late || undefined}>
      <div className={work.mineHead}>
        <div>
          <b>{task.title}</b>
          <div className={css.under}>
            {task.incident.drill && <DrillMark />}
            <span className={task.late ? css.missing : undefined}>
              {task.dueAt ? (
                <>
                  {t(task.late ? 'mine.overdue' : 'mine.due')}: <Time at={task.dueAt} />
                </>
              ) : (
                t('mine.noDue')
              )}
            </span>
            <Link to="/incidents/$id" params={{ id: task.incident.id }} search={{ tab: 'tasks' }}>
              <span className="la-mono">{task.incident.code}</span> {task.incident.title}
            </Link>
            {!task.owner && <span className="la-dim">{t('mine.nobody')}</span>}
          </div>
        </div>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconCheck size={14} />}
          loading={save.isPending}
          aria-label={t('mine.finishOf', { title: task.title })}
          onClick={() => {
            save.mutate({ state: 'done' });
          }}
        >
          {t('mine.finish')}
        </Button>
      </div>
      {task.checklist.length > 0 && (
        <ul className={work.steps} aria-label={`${t('mine.open')}: ${task.title}`}>
          {task.checklist.map((line, i) => (
            <li key={i}>
              <Checkbox
                size="xs"
                label={line.text}
                checked={line.done}
                disabled={save.isPending}
                onChange={(event) => {
                  const ticked = event.currentTarget.checked;
                  save.mutate({ checklist: task.checklist.map((other, at) => (at === i ? { ...other, done: ticked } : other)) });
                }}
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
