import { Button, Group, NumberInput, Select, SimpleGrid, Text, TextInput } from '@mantine/core';
import { IconCalendarPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addPlan, approvePlan, type AssessmentPlan, changePlan, inspectionCatalogueQuery, inspectionsChanged, kinds, type PlanItem, plansQuery } from '../../api/assessmentQueries';
import { unitsQuery } from '../../api/queries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import css from './inspections.module.css';

/** The plans of years: lines by month, until a leader approves them. */
export function PlanTab() {
  const { t } = useTranslation('inspections');
  const mayManage = useMay()('assessment.manage');
  const client = useQueryClient();
  const query = useQuery(plansQuery);
  const catalogue = useQuery(inspectionCatalogueQuery);
  const begin = useMutation({ mutationFn: addPlan, onSuccess: () => inspectionsChanged(client) });
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Rows />;
  const now = new Date().getFullYear();
  const missing = [now, now + 1].filter((year) => !query.data.items.some((p) => p.year === year));
  return (
    <>
      {mayManage && (
        <Group gap="xs" mb="sm">
          {missing.map((year) => (
            <Button
              key={year}
              size="xs"
              variant="default"
              loading={begin.isPending}
              leftSection={<IconCalendarPlus size={15} />}
              onClick={() => {
                begin.mutate(year);
              }}
            >
              {t('plan.new', { year })}
            </Button>
          ))}
        </Group>
      )}
      {begin.error && <ErrorState error={begin.error} />}
      {catalogue.data && (
        <Text size="sm" c="dimmed" mb="sm">
          {t('plan.cycles', { text: catalogue.data.cycles.map((c) => t('plan.cycle', { level: c.level, months: c.months })).join('; ') })} {catalogue.data.cyclesVerify}
        </Text>
      )}
      {query.data.items.length === 0 && (
        <div className="la-card">
          <EmptyState icon={<IconCalendarPlus size={34} />} title={t('plan.none')} text={t('plan.noneText')} />
        </div>
      )}
      {query.data.items.map((p) => (
        <Plan key={p.id} plan={p} />
      ))}
    </>
  );
}

function Plan({ plan }: { plan: AssessmentPlan }) {
  const { t } = useTranslation('inspections');
  const may = useMay();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [approving, setApproving] = useState(false);
  const change = useMutation({ mutationFn: (items: PlanItem[]) => changePlan(plan, items), onSuccess: () => inspectionsChanged(client) });
  const editable = !plan.approved && may('assessment.manage');
  return (
    <div className={`la-card ${css.card ?? ''}`}>
      <Group justify="space-between">
        <h2 className={css.month}>
          {t('year')} {plan.year} {plan.approved ? <Badge tone="ok">{t('plan.approved', { decision: plan.decision })}</Badge> : <Badge tone="low">{t('plan.draft')}</Badge>}
        </h2>
        <Group gap="xs">
          {editable && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setAdding(true);
              }}
            >
              {t('plan.add')}
            </Button>
          )}
          {!plan.approved && may('assessment.approve') && plan.items.length > 0 && (
            <Button
              size="xs"
              onClick={() => {
                setApproving(true);
              }}
            >
              {t('plan.approve')}
            </Button>
          )}
        </Group>
      </Group>
      {change.error && <ErrorState error={change.error} />}
      <div className={css.scroll} role="region" aria-label={`${t('tab.plan')} ${String(plan.year)}`} tabIndex={0}>
        <table className="la-table">
          <thead>
            <tr>
              <th scope="col">{t('plan.month')}</th>
              <th scope="col">{t('unit')}</th>
              <th scope="col">{t('systems')}</th>
              <th scope="col">{t('kindName')}</th>
              <th scope="col">{t('note')}</th>
              {editable && (
                <th scope="col">
                  <span className="la-hidden">{t('plan.remove')}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {plan.items.map((x, i) => (
              <tr key={i}>
                <td className="la-num">{x.month}</td>
                <td>{x.unitName}</td>
                <td>{x.system || '—'}</td>
                <td>{t(`kind.${x.kind}`)}</td>
                <td className="la-wrap">{x.note}</td>
                {editable && (
                  <td>
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`${t('plan.remove')} ${String(i + 1)}`}
                      onClick={() => {
                        change.mutate(plan.items.filter((_, j) => j !== i));
                      }}
                    >
                      {t('plan.remove')}
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {adding && (
        <ItemDialog
          plan={plan}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {approving && (
        <ConfirmDialog
          title={`${t('plan.approve')}: ${String(plan.year)}`}
          text={t('plan.approveText')}
          confirm={t('plan.approve')}
          reason="required"
          onConfirm={async (decision) => {
            await approvePlan(plan, decision);
            await inspectionsChanged(client);
          }}
          onClose={() => {
            setApproving(false);
          }}
        />
      )}
    </div>
  );
}

function ItemDialog({ plan, onClose }: { plan: AssessmentPlan; onClose: () => void }) {
  const { t } = useTranslation('inspections');
  const client = useQueryClient();
  const units = useQuery(unitsQuery).data?.items ?? [];
  const [item, setItem] = useState<PlanItem>({ unit: '', system: '', kind: 'inspection', month: 1, note: '' });
  const save = useMutation({
    mutationFn: () => changePlan(plan, [...plan.items, item]),
    onSuccess: async () => {
      await inspectionsChanged(client);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t('plan.add')}>
      <Form
        error={save.error}
        fields={['items']}
        submit={t('save')}
        busy={save.isPending}
        disabled={item.unit === ''}
        onSubmit={() => {
          save.mutate();
        }}
        onCancel={onClose}
      >
        <Select
          label={t('unit')}
          required
          searchable
          limit={100}
          data-autofocus
          data={units.map((u) => ({ value: u.id, label: u.name }))}
          value={item.unit}
          error={fieldError('items')}
          onChange={(unit) => {
            setItem((old) => ({ ...old, unit: unit ?? '' }));
          }}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('kindName')}
            allowDeselect={false}
            data={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
            value={item.kind}
            onChange={(value) => {
              setItem((old) => ({ ...old, kind: kinds.find((k) => k === value) ?? old.kind }));
            }}
          />
          <NumberInput
            label={t('plan.month')}
            min={1}
            max={12}
            value={item.month}
            onChange={(value) => {
              setItem((old) => ({ ...old, month: Math.min(12, Math.max(1, Number(value) || 1)) }));
            }}
          />
        </SimpleGrid>
        {(['system', 'note'] as const).map((field) => (
          <TextInput
            key={field}
            label={field === 'system' ? t('plan.system') : t('note')}
            value={item[field]}
            onChange={(event) => {
              const value = event.currentTarget.value;
              setItem((old) => ({ ...old, [field]: value }));
            }}
          />
        ))}
      </Form>
    </Dialog>
  );
}
