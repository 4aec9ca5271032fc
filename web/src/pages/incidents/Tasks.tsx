import '../../i18n/incidents';

import { ActionIcon, Button, Checkbox, Group, Menu, Text, Title } from '@mantine/core';
import { IconCheck, IconDots, IconListCheck, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeTask, type IncidentDetail, incidentChanged, type IncidentTask, incidentTasksQuery } from '../../api/incidentQueries';
import { useMay, useSession } from '../../app/session';
import { useActions } from '../../kit/actions';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips } from '../../kit/filters';
import { PlainText } from '../../kit/PlainText';
import { phases } from '../../lib/incidentParams';
import { Badge } from '../../ui/Badge';
import { useErrorText } from '../../ui/errors';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import css from './incidents.module.css';
import type { TabProps } from './IncidentPage';
import { PlaybookDialog, TaskDialog } from './TaskDialog';

type Asked = { what: 'add' } | { what: 'playbook' } | { what: 'edit' | 'drop'; task: IncidentTask };

/** What is to be done, phase by phase; lines are ticked where they stand. */
export function Tasks({ incident }: TabProps) {
  const { t } = useTranslation('incidents');
  const { user } = useSession();
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(incidentTasksQuery(incident.id));
  const [asked, setAsked] = useState<Asked>();
  const [only, setOnly] = useState<('mine' | 'openOnly')[]>([]);
  const changes = incident.mayChange && !incident.mergedInto;
  const close = () => {
    setAsked(undefined);
  };
  useActions([{ id: 'task add', name: t('task.add'), key: 'n', off: !changes, run: () => { setAsked({ what: 'add' }); } }]);
  if (isPending) return <Rows count={6} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const shown = data.items.filter((task) => (!only.includes('mine') || task.owner?.id === user.id) && (!only.includes('openOnly') || task.state === 'open'));
  const late = data.items.filter((task) => task.late).length;
  return (
    <>
      <div className={css.bar}>
        {data.items.length > 0 && (
          <>
            <Text size="sm" fw={600}>
              {t('task.summary', { done: data.items.filter((task) => task.state !== 'open').length, all: data.items.length })}
            </Text>
            {late > 0 && <Badge tone="critical">{t('task.lateCount', { count: late })}</Badge>}
            <FilterChips label={t('tab.tasks')} values={['mine', 'openOnly'] as const} chosen={only} name={(value) => t(`task.${value}`)} onChange={setOnly} />
          </>
        )}
        {changes && (
          <Group gap="xs" ml="auto">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconListCheck size={15} />}
              onClick={() => {
                setAsked({ what: 'playbook' });
              }}
            >
              {t('task.apply')}
            </Button>
            <Button
              size="xs"
              variant={data.items.length === 0 ? 'filled' : 'default'}
              leftSection={<IconPlus size={15} />}
              data-tip={`${t('task.add')} (n)`}
              onClick={() => {
                setAsked({ what: 'add' });
              }}
            >
              {t('task.add')}
            </Button>
          </Group>
        )}
      </div>
      {data.items.length === 0 && <EmptyState icon={<IconListCheck size={32} />} title={t('task.none')} text={t('task.noneText')} />}
      {data.items.length > 0 && shown.length === 0 && (
        <Text size="sm" className="la-dim" py="md">
          {t('task.noMatch')}
        </Text>
      )}
      {phases.map((phase) => {
        const tasks = shown.filter((task) => task.phase === phase);
        if (tasks.length === 0) return null;
        return (
          <section key={phase} className={css.taskPhase} aria-label={t(`phase.${phase}`)} data-now={phase === incident.phase || undefined}>
            <Title order={3}>
              {t(`phase.${phase}`)} {phase === incident.phase && <Badge tone="ok">{t('move.now')}</Badge>}
            </Title>
            <ul className={css.tasks}>
              {tasks.map((task) => (
                <Task
                  key={task.id}
                  incident={incident}
                  task={task}
                  onEdit={() => {
                    setAsked({ what: 'edit', task });
                  }}
                  onDrop={() => {
                    setAsked({ what: 'drop', task });
                  }}
                />
              ))}
            </ul>
          </section>
        );
      })}
      {asked?.what === 'add' && <TaskDialog incident={incident} onClose={close} />}
      {asked?.what === 'edit' && <TaskDialog incident={incident} task={asked.task} onClose={close} />}
      {asked?.what === 'playbook' && <PlaybookDialog incident={incident} onClose={close} />}
      {asked?.what === 'drop' && (
        <ConfirmDialog
          title={t('task.drop')}
          text={
            <>
              <b>{asked.task.title}</b>
              <br />
              {t('task.dropText')}
            </>
          }
          confirm={t('task.drop')}
          reason="required"
          onConfirm={async (note) => {
            await changeTask(incident.id, asked.task.id, { version: asked.task.version, state: 'dropped', note });
            await incidentChanged(client);
          }}
          onClose={close}
        />
      )}
    </>
  );
}

interface TaskProps {
  incident: IncidentDetail;
  task: IncidentTask;
  onEdit: () => void;
  onDrop: () => void;
}

function Task({ incident, task, onEdit, onDrop }: TaskProps) {
  const { t } = useTranslation('incidents');
  const { user } = useSession();
  const may = useMay();
  const client = useQueryClient();
  const errorText = useErrorText();
  const save = useMutation({
    mutationFn: (change: Omit<Parameters<typeof changeTask>[2], 'version'>) => changeTask(incident.id, task.id, { version: task.version, ...change }),
    onSettled: () => incidentChanged(client),
    onError: (error) => {
      const words = errorText(error);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  const whole = incident.mayChange;
  const does = may('incident.task') && !incident.mergedInto && (whole || task.unit === user.unit);
  const open = task.state === 'open';
  const done = task.checklist.filter((line) => line.done).length;
  return (
    <li className={css.task} data-state={task.state} data-late={task.late || undefined}>
      <div className={css.taskHead}>
        <Checkbox
          aria-label={t('task.of', { title: task.title })}
          checked={task.state === 'done'}
          indeterminate={task.state === 'dropped'}
          disabled={!does || task.state === 'dropped' || save.isPending}
          onChange={(event) => {
            save.mutate({ state: event.currentTarget.checked ? 'done' : 'open' });
          }}
        />
        <div className={css.taskName}>
          <span className={css.taskTitle}>{task.title}</span>
          <div className={css.under}>
            <span>{task.unitName || task.unit}</span>
            <span>{task.owner ? (task.owner.id === user.id ? t('me') : task.owner.displayName) : t('task.anyone')}</span>
            {task.checklist.length > 0 && <span>{t('task.progress', { done, all: task.checklist.length })}</span>}
            {open && task.dueAt && (
              <span className={task.late ? css.missing : undefined}>
                {t(task.late ? 'task.late' : 'task.due')}: <Time at={task.dueAt} />
              </span>
            )}
            {task.state === 'done' && task.doneAt && (
              <span>
                {t('task.doneBy', { name: task.doneBy ?? '' })}, <Time at={task.doneAt} />
              </span>
            )}
            {task.state === 'dropped' && <Badge tone="informational">{t('task.dropped')}</Badge>}
          </div>
        </div>
        {does && (
          <Group gap={4} wrap="nowrap">
            {open && task.owner?.id !== user.id && (
              <Button size="compact-xs" variant="default" visibleFrom="sm" onClick={() => { save.mutate({ owner: user.id }); }}>
                {t('task.take')}
              </Button>
            )}
            <Menu>
              <Menu.Target>
                <ActionIcon aria-label={t('task.menu', { title: task.title })}>
                  <IconDots size={17} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {open ? (
                  <Menu.Item leftSection={<IconCheck size={15} />} onClick={() => { save.mutate({ state: 'done' }); }}>
                    {t('task.finish')}
                  </Menu.Item>
                ) : (
                  <Menu.Item onClick={() => { save.mutate({ state: 'open' }); }}>{t('task.reopen')}</Menu.Item>
                )}
                {open && task.owner?.id !== user.id && <Menu.Item onClick={() => { save.mutate({ owner: user.id }); }}>{t('task.take')}</Menu.Item>}
                <Menu.Item onClick={onEdit}>{t(whole ? 'task.edit' : 'task.note')}</Menu.Item>
                {open && <Menu.Item onClick={onDrop}>{t('task.drop')}</Menu.Item>}
              </Menu.Dropdown>
            </Menu>
          </Group>
        )}
      </div>
      {task.checklist.length > 0 && task.state !== 'dropped' && (
        <ul className={css.checks} aria-label={t('task.steps', { title: task.title })}>
          {task.checklist.map((line, i) => (
            <li key={i}>
              <Checkbox
                size="xs"
                label={line.text}
                checked={line.done}
                disabled={!does || !open || save.isPending}
                {...(line.done && line.by && { description: line.by })}
                onChange={(event) => {
                  const ticked = event.currentTarget.checked;
                  save.mutate({ checklist: task.checklist.map((other, at) => (at === i ? { ...other, done: ticked } : other)) });
                }}
              />
            </li>
          ))}
        </ul>
      )}
      {task.note !== '' && (
        <div className={css.taskNote}>
          <PlainText text={task.note} />
        </div>
      )}
    </li>
  );
}
