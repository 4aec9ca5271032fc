import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type SourceHealth, sourceListQuery, type SourceState as State, unmuteSource } from '../../api/sourceQueries';
import { useMay } from '../../app/session';
import { FilterChips, FilterText } from '../../kit/filters';
import { type BulkAction, type Column, List } from '../../kit/List';
import { by } from '../../kit/text';
import { offerUndo } from '../../kit/undo';
import { formatNumber } from '../../lib/format';
import { Dialog } from '../../ui/Dialog';
import { FirstLog } from '../../ui/FirstLog';
import { Ago, Time, useNow } from '../../ui/Time';
import { HourBars } from './HourBars';
import { MuteForm } from './MuteForm';
import { SourceState, useSkew } from './SourceState';
import { SourceView } from './SourceView';

const route = getRouteApi('/sources');
const states: readonly State[] = ['silent', 'problem', 'new', 'ok', 'muted'];
const nameOf = (source: SourceHealth) => source.host || source.peer;
const idOf = (source: SourceHealth) => source.id;
const none: SourceHealth[] = [];

/** All sources, those that most need a look first. */
export function SourceList() {
  const { t } = useTranslation(['translation', 'sources']);
  const { q, status, id, sort, unit } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const mayManage = useMay()('source.manage');
  const query = useQuery(sourceListQuery({ q, status, unit }));
  const [muting, setMuting] = useState<SourceHealth[]>();
  const columns = useColumns();
  const open = (chosen: string | undefined) => void navigate({ search: (old) => ({ ...old, id: chosen }), replace: id !== undefined });
  const changed = () => void client.invalidateQueries({ queryKey: ['sources'] });

  const bulk: BulkAction<SourceHealth>[] = mayManage
    ? [
        { id: 'mute', name: t('sources:mute'), key: 'm', all: setMuting, fits: (source) => source.status !== 'muted' },
        { id: 'unmute', name: t('sources:unmute'), run: (source) => unmuteSource(source.id), fits: (source) => source.status === 'muted' },
      ]
    : [];
  return (
    <>
      <List
        label={t('nav.sources')}
        items={query.data?.items ?? none}
        id={idOf}
        name={nameOf}
        columns={columns}
        query={query}
        filters={
          <>
            <FilterText
              value={q}
              placeholder={t('sources:find')}
              onChange={(text) => void navigate({ search: (old) => ({ ...old, q: text }), replace: true })}
            />
            <FilterChips
              label={t('sources:filter')}
              values={states}
              chosen={states.filter((state) => status?.split(',').includes(state))}
              counts={query.data?.byStatus}
              name={(state) => t(`sources:status.${state}`)}
              onChange={(chosen) => void navigate({ search: (old) => ({ ...old, status: chosen.join(',') || undefined }), replace: true })}
            />
          </>
        }
        filtered={q !== undefined || status !== undefined || unit !== undefined}
        onClear={() => void navigate({ search: { unit: undefined }, replace: true })}
        empty={<FirstLog />}
        sort={sort}
        onSort={(next) => void navigate({ search: (old) => ({ ...old, sort: next }), replace: true })}
        open={id}
        onOpen={open}
        panel={(chosen) => (
          <SourceView
            key={chosen}
            id={chosen}
            onGone={() => {
              open(undefined);
            }}
          />
        )}
        bulk={bulk}
      />
      {muting && (
        <Dialog
          opened
          onClose={() => {
            setMuting(undefined);
          }}
          title={t('sources:muteMany', { count: muting.length })}
        >
          <MuteForm
            ids={muting.map(idOf)}
            onDone={() => {
              const ids = muting.map(idOf);
              setMuting(undefined);
              changed();
              offerUndo(t('sources:mutedDone'), () => Promise.all(ids.map(unmuteSource)).finally(changed));
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function useColumns(): Column<SourceHealth>[] {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const skew = useSkew();
  return [
    { id: 'status', name: t('sources:filter'), cell: (source) => <SourceState source={source} /> },
    {
      id: 'host',
      name: t('sources:host'),
      main: true,
      compare: by(nameOf),
      cell: (source) => (
        <>
          {nameOf(source)}
          {source.peer && source.peer !== source.host && source.host && <div className="la-dim la-mono">{source.peer}</div>}
        </>
      ),
    },
    { id: 'unit', name: t('sources:unit'), from: 'sm', compare: by((source) => source.unit), cell: (source) => source.unit },
    {
      id: 'kind',
      name: t('sources:kind'),
      from: 'md',
      cell: (source) => (
        <>
          {[source.product, source.service].filter(Boolean).join(' / ') || source.format}
          <div className="la-dim" style={{ fontSize: 12 }}>
            {[source.input, source.format].filter(Boolean).join(' · ')}
          </div>
        </>
      ),
    },
    { id: 'day', name: t('sources:day'), from: 'sm', cell: (source) => <Day source={source} /> },
    {
      id: 'seen',
      name: t('sources:lastSeen'),
      compare: (a, b) => Date.parse(a.lastSeen) - Date.parse(b.lastSeen),
      cell: (source) => <Seen source={source} />,
    },
    { id: 'skew', name: t('sources:skew'), from: 'lg', cell: (source) => skew(source.skewSeconds) },
    {
      id: 'unparsed',
      name: t('sources:unparsed'),
      from: 'lg',
      number: true,
      greatestFirst: true,
      compare: (a, b) => a.unparsedShare - b.unparsedShare,
      cell: (source) => (source.unparsedShare > 0 ? `${formatNumber(Math.round(1000 * source.unparsedShare) / 10, i18n.language)} %` : ''),
    },
  ];
}

function Day({ source }: { source: SourceHealth }) {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const sum = (list: readonly number[]) => formatNumber(Math.round(list.reduce((a, b) => a + b, 0)), i18n.language);
  const { events, expected } = source.spark;
  const label = [t('sources:dayText', { n: sum(events) }), expected.length > 0 && t('sources:expectedText', { n: sum(expected) })]
    .filter(Boolean)
    .join(', ');
  return <HourBars events={events} expected={expected} label={label} />;
}

function Seen({ source }: { source: SourceHealth }) {
  const { t } = useTranslation(['translation', 'sources']);
  const now = useNow();
  return (
    <>
      <Ago at={source.lastSeen} />
      {source.silentAt && source.status !== 'silent' && Date.parse(source.silentAt) > now && (
        <div className="la-dim" style={{ fontSize: 12 }}>
          {t('sources:silentAt')} <Time at={source.silentAt} />
        </div>
      )}
    </>
  );
}
