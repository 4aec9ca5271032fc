import '../../i18n/dossiers';

import { Button } from '@mantine/core';
import { IconCertificate, IconPlus, IconReportAnalytics } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Dossier, dossiersQuery } from '../../api/dossierQueries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, ListPage } from '../../kit/ListPage';
import { SavedViews } from '../../kit/SavedViews';
import { LinkButton } from '../../ui/links';
import { Ago } from '../../ui/Time';
import { Denied } from '../users/Denied';
import { Calls } from './Calls';
import { ClockMark, LevelMark, StateMark } from './marks';
import { EarlierLevel } from './EarlierLevel';
import { NewDossier } from './NewDossier';

const route = getRouteApi('/dossiers');
const states = ['open', 'draft', 'sent', 'appraising', 'judged', 'approved', 'withdrawn'] as const;
const levels = ['1', '2', '3', '4', '5'] as const;

export function DossiersPage() {
  return (
    <Denied action="dossier.read">
      <Dossiers />
    </Denied>
  );
}

/** The level dossiers; the address keeps what is chosen. */
function Dossiers() {
  const { t } = useTranslation(['translation', 'dossiers']);
  const may = useMay();
  const { state, level, late, q, system, begin } = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const [adding, setAdding] = useState(false);
  const [entering, setEntering] = useState(false);
  const query = useInfiniteQuery(dossiersQuery({ state, level: level === undefined ? undefined : Number(level), text: q, late: late === '1' || undefined, system }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const set = (next: Partial<ReturnType<typeof route.useSearch>>) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  };
  const columns = useMemo<Column<Dossier>[]>(
    () => [
      { id: 'name', name: t('dossiers:system'), main: true, cell: (d) => `${d.code} · ${d.systemName}` },
      { id: 'owner', name: t('dossiers:owner'), cell: (d) => d.unitName, from: 'md' },
      { id: 'operator', name: t('dossiers:operator'), cell: (d) => d.operatorName, from: 'lg' },
      { id: 'level', name: t('dossiers:level'), cell: (d) => <LevelMark level={d.level} />, from: 'sm' },
      { id: 'state', name: t('dossiers:stateName'), cell: (d) => <StateMark state={d.state} /> },
      { id: 'due', name: t('dossiers:due'), cell: (d) => <ClockMark dossier={d} />, from: 'md' },
      { id: 'changed', name: t('dossiers:changedAt'), cell: (d) => <Ago at={d.changedAt} />, from: 'lg' },
    ],
    [t],
  );
  return (
    <>
      <ListPage<Dossier>
        title={t('nav.dossiers')}
        tools={
          <>
            <SavedViews page="dossiers" search={{ state, level, late, q }} onOpen={(next) => void navigate({ search: next })} />
            <LinkButton to="/form-08" size="xs" variant="subtle" leftSection={<IconReportAnalytics size={15} />}>
              {t('dossiers:form08')}
            </LinkButton>
            {may('dossier.appraise') && (
              <Button size="xs" variant="default" onClick={() => { setEntering(true); }}>
                {t('dossiers:earlier.title')}
              </Button>
            )}
            {may('dossier.write') && (
              <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setAdding(true); }}>
                {t('dossiers:new')}
              </Button>
            )}
          </>
        }
        items={items}
        id={(d) => d.id}
        name={(d) => `${d.code} ${d.systemName}`}
        columns={columns}
        query={query}
        page={(d) => `/dossiers/${d.id}`}
        onOpen={(id) => {
          if (id !== undefined) void go({ to: '/dossiers/$id', params: { id } });
        }}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        filters={
          <>
            <FilterText value={q} onChange={(next) => { set({ q: next }); }} placeholder={t('dossiers:find')} />
            <FilterChips label={t('dossiers:stateName')} values={states} chosen={state ? [state] : []} single name={(value) => t(`dossiers:states.${value}`)} onChange={([next]) => { set({ state: next }); }} />
            <FilterChips label={t('dossiers:level')} values={levels} chosen={levels.filter((one) => one === level)} single name={(value) => value} onChange={([next]) => { set({ level: next }); }} />
            <FilterChips label={t('dossiers:due')} values={['1'] as const} chosen={late ? [late] : []} single name={() => t('dossiers:lateOnly')} onChange={([next]) => { set({ late: next }); }} />
          </>
        }
        filtered={state !== undefined || level !== undefined || late !== undefined || q !== undefined || system !== undefined}
        onClear={() => { set({ state: undefined, level: undefined, late: undefined, q: undefined, system: undefined }); }}
        empty={<EmptyState icon={<IconCertificate size={34} />} title={t('dossiers:none')} text={t('dossiers:noneText')} steps={[t('dossiers:step1'), t('dossiers:step2'), t('dossiers:step3')]} />}
      >
        <Calls system={system} />
      </ListPage>
      {entering && <EarlierLevel onClose={() => { setEntering(false); }} />}
      {(adding || begin !== undefined) && (
        <NewDossier
          system={begin}
          onClose={() => {
            setAdding(false);
            set({ begin: undefined });
          }}
        />
      )}
    </>
  );
}
