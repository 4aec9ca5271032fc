import '../../i18n/inspections';

import { Button, Select, Tabs } from '@mantine/core';
import { IconClipboardCheck, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { findingsQuery, type Inspection, inspectionsQuery } from '../../api/assessmentQueries';
import { useMay } from '../../app/session';
import { DateTime } from '../../kit/DateTime';
import { EmptyState } from '../../kit/EmptyState';
import { zone } from '../../lib/time';
import { LevelBadge } from '../../ui/Badge';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Denied } from '../users/Denied';
import { InspectionDialog } from './InspectionDialog';
import css from './inspections.module.css';
import { day, FindingState, VisitState } from './parts';
import { PlanTab } from './PlanTab';

const route = getRouteApi('/inspections');
const tabs = ['visits', 'findings', 'plan'] as const;

export function InspectionsPage() {
  return (
    <Denied action="assessment.read">
      <Inspections />
    </Denied>
  );
}

/** Visits by month, what they found, and the plan of the year. */
function Inspections() {
  const { t } = useTranslation(['translation', 'inspections']);
  const { tab = 'visits' } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const manages = may('assessment.manage');
  const shown = tabs.filter((name) => name !== 'plan' || may('assessment.plan'));
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.inspections')}>
        {(manages || may('assessment.self')) && (
          <Button
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t(manages ? 'inspections:new' : 'inspections:newSelf')}
          </Button>
        )}
      </PageHeader>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((name) => name === value);
          void navigate({ search: next === 'visits' || next === undefined ? {} : { tab: next } });
        }}
      >
        <Tabs.List mb="sm">
          {shown.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`inspections:tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="visits">
          <VisitsTab />
        </Tabs.Panel>
        <Tabs.Panel value="findings">
          <FindingsTab />
        </Tabs.Panel>
        {shown.includes('plan') && (
          <Tabs.Panel value="plan">
            <PlanTab />
          </Tabs.Panel>
        )}
      </Tabs>
      {adding && (
        <InspectionDialog
          onClose={() => {
            setAdding(false);
          }}
          onSaved={(v) => void navigate({ to: '/inspections/$id', params: { id: v.id } })}
        />
      )}
    </div>
  );
}

const monthOf = (at: string) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit' }).format(new Date(at));

function VisitsTab() {
  const { t } = useTranslation('inspections');
  const { year, unit } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(inspectionsQuery({ year, unit }));
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Rows />;
  const now = new Date().getFullYear();
  const years = [now + 1, now, now - 1, now - 2];
  const months = [...new Set(query.data.items.map((v) => monthOf(v.startsAt)))];
  return (
    <>
      <Select
        label={t('year')}
        w={140}
        clearable
        placeholder={t('anyYear')}
        data={years.map(String)}
        value={year === undefined ? null : String(year)}
        onChange={(chosen) => {
          void navigate({ search: (old) => ({ ...old, year: chosen === null ? undefined : Number(chosen) }), replace: true });
        }}
      />
      {query.data.items.length === 0 && (
        <div className="la-card" style={{ marginTop: 12 }}>
          <EmptyState icon={<IconClipboardCheck size={34} />} title={t('empty')} text={t('emptyText')} />
        </div>
      )}
      {months.map((month) => (
        <Month key={month} month={month} visits={query.data.items.filter((v) => monthOf(v.startsAt) === month)} />
      ))}
    </>
  );
}

function Month({ month, visits }: { month: string; visits: Inspection[] }) {
  const { t } = useTranslation('inspections');
  const [year, number] = month.split('-');
  const name = t('month', { month: number, year });
  return (
    <>
      <h2 className={css.month}>{name}</h2>
      <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={name} tabIndex={0}>
        <table className="la-table">
          <thead>
            <tr>
              <th scope="col">{t('title')}</th>
              <th scope="col">{t('stateName')}</th>
              <th scope="col">{t('unit')}</th>
              <th scope="col">{t('kindName')}</th>
              <th scope="col">{t('starts')}</th>
            </tr>
          </thead>
          <tbody>
            {visits.map((v) => (
              <tr key={v.id}>
                <td>
                  <Link to="/inspections/$id" params={{ id: v.id }}>
                    {v.title}
                  </Link>
                  <div className="la-dim">{v.code}</div>
                </td>
                <td>
                  <VisitState state={v.state} />
                </td>
                <td>{v.unitName}</td>
                <td>{t(`kind.${v.kind}`)}</td>
                <td>
                  <DateTime at={v.startsAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function FindingsTab() {
  const { t } = useTranslation('inspections');
  const { unit } = route.useSearch();
  const query = useQuery(findingsQuery({ unit }));
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Rows />;
  if (query.data.items.length === 0) {
    return (
      <div className="la-card">
        <EmptyState icon={<IconClipboardCheck size={34} />} title={t('noFindings')} text={t('noFindingsText')} />
      </div>
    );
  }
  return (
    <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={t('tab.findings')} tabIndex={0}>
      <table className="la-table">
        <thead>
          <tr>
            <th scope="col">{t('findingTitle')}</th>
            <th scope="col">{t('stateName')}</th>
            <th scope="col">{t('severity')}</th>
            <th scope="col">{t('unit')}</th>
            <th scope="col">{t('due')}</th>
          </tr>
        </thead>
        <tbody>
          {query.data.items.map((f) => (
            <tr key={f.id}>
              <td>
                <Link to="/inspections/$id" params={{ id: f.visit }}>
                  {f.title}
                </Link>
              </td>
              <td>
                <FindingState of={f} />
              </td>
              <td>
                <LevelBadge level={f.severity} />
              </td>
              <td>{f.unitName}</td>
              <td className="la-nowrap">{day(f.due)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
