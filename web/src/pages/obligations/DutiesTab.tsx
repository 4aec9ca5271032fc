import { Button, Group, Switch, Text } from '@mantine/core';
import { IconGavel, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { dutiesQuery, type Duty, type DutyList, restoreDuty, saveDuty } from '../../api/obligationQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterText } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { matches } from '../../kit/text';
import { Badge } from '../../ui/Badge';
import { ErrorState } from '../../ui/State';
import { toast } from '../../ui/toast';
import { bodyOf, DutyDialog } from './DutyDialog';
import { Notice } from './notices';
import css from './obligations.module.css';

const route = getRouteApi('/obligations');

/** The catalogue of duties: what starts each clock, how long it runs and to whom it is owed. */
export function DutiesTab({ mayManage }: { mayManage: boolean }) {
  const { t, i18n } = useTranslation('obligations');
  const { id, q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(dutiesQuery);
  const [adding, setAdding] = useState(false);
  const language = i18n.language;
  const list = query.data;
  const named = (d: Duty) => (language === 'vi' ? d.vi : d.en || d.vi);
  const items = useMemo(() => (list?.items ?? []).filter((d) => matches(`${d.vi} ${d.en} ${d.basis.text} ${d.basis.article}`, q ?? '')), [list, q]);
  const columns: Column<Duty>[] = [
    { id: 'name', name: t('duty'), main: true, cell: named, under: (d) => <div className="la-dim">{`${d.basis.text}${d.basis.article ? `, ${d.basis.article}` : ''}`}</div> },
    { id: 'time', name: t('duties.time'), cell: (d) => <TimeOf duty={d} /> },
    { id: 'recipient', name: t('recipient'), cell: (d) => recipientName(list, d.recipient, language), from: 'md' },
    {
      id: 'state',
      name: t('stateName'),
      cell: (d) => (
        <>
          <Badge tone={d.enabled ? 'ok' : 'informational'}>{t(d.enabled ? 'duties.on' : 'duties.off')}</Badge>
          {d.verify && <Badge tone="medium">{t('verify')}</Badge>}
          {d.own ? <Badge tone="low">{t('duties.own')}</Badge> : d.changed && <Badge tone="low">{t('duties.changed')}</Badge>}
        </>
      ),
    },
  ];
  const shown = items.find((d) => d.id === id);
  return (
    <>
      <Text size="sm" mb="sm">
        {t('duties.text')}
      </Text>
      <List<Duty>
        label={t('tab.duties')}
        items={items}
        id={(d) => d.id}
        name={named}
        columns={columns}
        query={query}
        filters={
          <>
            <FilterText
              value={q}
              placeholder={t('duties.find')}
              onChange={(text) => {
                void navigate({ search: (old) => ({ ...old, q: text }), replace: true });
              }}
            />
            {mayManage && (
              <Button
                size="xs"
                leftSection={<IconPlus size={15} />}
                onClick={() => {
                  setAdding(true);
                }}
              >
                {t('duties.add')}
              </Button>
            )}
          </>
        }
        filtered={q !== undefined}
        onClear={() => {
          void navigate({ search: (old) => ({ ...old, q: undefined }), replace: true });
        }}
        empty={<EmptyState icon={<IconGavel size={34} />} title={t('duties.none')} text={t('duties.text')} />}
        open={id}
        onOpen={(next) => {
          void navigate({ search: (old) => ({ ...old, id: next }), replace: id !== undefined });
        }}
        panel={() => (shown && list ? <DutyPanel key={shown.id} duty={shown} list={list} mayManage={mayManage} /> : <Text size="sm">{t('duties.gone')}</Text>)}
      />
      {adding && list && (
        <DutyDialog
          list={list}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </>
  );
}

function recipientName(list: DutyList | undefined, id: string, language: string): string {
  const found = list?.recipients.find((r) => r.id === id);
  return found ? (language === 'vi' ? found.vi : found.name) : id;
}

function TimeOf({ duty: d }: { duty: Duty }) {
  const { t } = useTranslation('obligations');
  if (d.on === 'date') return t('duties.before', { day: d.before.split('-').reverse().join('/') });
  return d.hours > 0 ? t('length.hour', { count: d.hours }) : t('duties.workingDays', { count: d.workingDays });
}

function DutyPanel({ duty: d, list, mayManage }: { duty: Duty; list: DutyList; mayManage: boolean }) {
  const { t, i18n } = useTranslation('obligations');
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const [restoring, setRestoring] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: ['duties'] });
  const flip = useMutation({ mutationFn: (enabled: boolean) => saveDuty({ ...bodyOf(d), enabled }), onSettled: again });
  return (
    <>
      {d.verify && <Notice title={t('verify')}>{d.verify}</Notice>}
      <Switch
        label={t('duties.enabled')}
        checked={d.enabled}
        disabled={!mayManage || flip.isPending}
        onChange={(event) => {
          flip.mutate(event.currentTarget.checked);
        }}
      />
      {flip.error && <ErrorState error={flip.error} />}
      <dl className={css.facts}>
        <dt>{t('basis')}</dt>
        <dd>{`${d.basis.text}${d.basis.article ? `, ${d.basis.article}` : ''}`}</dd>
        <dt>{t('duties.stage')}</dt>
        <dd>{t(`stage.${d.stage as 'once'}`)}</dd>
        <dt>{t('duties.time')}</dt>
        <dd>
          <TimeOf duty={d} />
          {d.from && ` · ${t('duties.counted', { from: t(`moment.${d.from as 'detectedAt'}`) })}`}
        </dd>
        <dt>{t('duties.owed')}</dt>
        <dd>{d.on === 'matter' ? t('duties.matterUnit') : t(`owed.${d.of as 'centre'}`)}</dd>
        <dt>{t('recipient')}</dt>
        <dd>
          {recipientName(list, d.recipient, i18n.language)}
          {d.instead && ` · ${t('duties.instead', { name: recipientName(list, d.instead.recipient, i18n.language), when: conditionText(d.instead.when, list, i18n.language, t) })}`}
        </dd>
        {d.when && d.when.length > 0 && (
          <>
            <dt>{t('duties.when')}</dt>
            <dd>
              <ul style={{ margin: 0, paddingLeft: 16 }}>
                {d.when.map((c, i) => (
                  <li key={i}>{conditionText(c, list, i18n.language, t)}</li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
      {mayManage && (
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setEditing(true);
            }}
          >
            {t('duties.edit')}
          </Button>
          {d.changed && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setRestoring(true);
              }}
            >
              {t(d.own ? 'duties.remove' : 'duties.restore')}
            </Button>
          )}
        </Group>
      )}
      {editing && (
        <DutyDialog
          duty={d}
          list={list}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
      {restoring && (
        <ConfirmDialog
          title={t(d.own ? 'duties.remove' : 'duties.restore')}
          text={t(d.own ? 'duties.removeText' : 'duties.restoreText')}
          confirm={t(d.own ? 'duties.remove' : 'duties.restore')}
          danger={d.own}
          onConfirm={async () => {
            await restoreDuty(d.id, d.version);
            toast({ message: t('duties.restored'), autoClose: 5_000 });
            await again();
          }}
          onClose={() => {
            setRestoring(false);
          }}
        />
      )}
    </>
  );
}

type Words = ReturnType<typeof useTranslation<'obligations'>>['t'];

function conditionText(condition: NonNullable<Duty['when']>[number], list: DutyList, language: string, t: Words): string {
  return Object.entries(condition)
    .map(([name, test]) => {
      const word = list.attributes.find((a) => a.id === name);
      const label = word ? (language === 'vi' ? word.vi : word.name) : name;
      if (test.is !== undefined) return test.is ? label : t('duties.not', { label });
      if (test.atLeast !== undefined) return t('duties.atLeast', { label, n: test.atLeast });
      return `${label}: ${(test.oneOf ?? []).join(', ')}`;
    })
    .join('; ');
}
