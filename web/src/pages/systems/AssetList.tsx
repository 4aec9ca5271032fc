import { Button, Group } from '@mantine/core';
import { IconDevices, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Asset, type AssetFacts, assetPagesQuery, assetsChanged, removeAsset } from '../../api/assetQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { Badge } from '../../ui/Badge';
import page from '../../ui/page.module.css';
import { AssetDialog } from './AssetDialog';
import { assetKinds, assetMarks } from './facts';
import { dayText } from './parts';
import { SheetButtons } from './SheetButtons';

export interface AssetParams {
  q?: string | undefined;
  kind?: string | undefined;
  mark?: string | undefined;
  id?: string | undefined;
}

interface Props {
  params: AssetParams;
  onParams: (change: AssetParams) => void;
  /** Only those of the system. */
  system?: string;
  unit?: string | undefined;
}

const none: Asset[] = [];

/** Machines, devices, services and software, by name. */
export function AssetList({ params, onParams, system, unit }: Props) {
  const { t } = useTranslation('systems');
  const { q, kind, mark, id } = params;
  const may = useMay()('system.manage');
  const query = useInfiniteQuery(assetPagesQuery({ q, kind, system, unit, ...(mark && { [mark]: true }) }));
  const [edited, setEdited] = useState<Asset | 'new'>();
  const items = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? none, [query.data]);
  const columns = useMemo<Column<Asset>[]>(
    () => [
      {
        id: 'name',
        name: t('asset.name'),
        main: true,
        cell: (x) => x.name,
        under: (x) => (
          <span className="la-dim">
            {t(`asset.kind.${x.kind}`)}
            {x.hostname !== '' && x.hostname !== x.name && <span className="la-mono"> · {x.hostname}</span>}
            {x.address !== '' && <span className="la-mono"> · {x.address}</span>}
          </span>
        ),
      },
      { id: 'product', name: t('asset.product'), cell: (x) => `${x.vendor} ${x.product} ${x.release}`.trim() || '—', from: 'sm' },
      ...(system === undefined
        ? [{ id: 'system', name: t('asset.system'), cell: (x: Asset) => (x.system === '' ? <span className="la-dim">{t('asset.noSystem')}</span> : `${x.systemCode} · ${x.systemName}`), from: 'md' as const }]
        : []),
      { id: 'unit', name: t('unit'), cell: (x) => x.unitName, from: 'lg' },
      { id: 'marks', name: t('asset.marks'), cell: (x) => <Marks asset={x} /> },
    ],
    [t, system],
  );
  const add = may && (
    <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setEdited('new'); }}>
      {t('asset.add')}
    </Button>
  );
  const open = items.find((x) => x.id === id);
  return (
    <>
      <Group mb="xs" gap="xs">
        {add}
        <SheetButtons of="assets" filter={{ q, kind, system, unit, ...(mark && { [mark]: true }) }} />
      </Group>
      <List<Asset>
        label={t('asset.label')}
        items={items}
        id={(x) => x.id}
        name={(x) => x.name}
        columns={columns}
        query={query}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        filters={
          <>
            <FilterText value={q} placeholder={t('asset.find')} onChange={(text) => { onParams({ q: text }); }} />
            <FilterChips label={t('asset.kindName')} values={assetKinds} chosen={assetKinds.filter((x) => x === kind)} single name={(x) => t(`asset.kind.${x}`)} onChange={([x]) => { onParams({ kind: x }); }} />
            <FilterChips label={t('asset.marks')} values={assetMarks} chosen={assetMarks.filter((x) => x === mark)} single name={(x) => t(`asset.mark.${x}`)} onChange={([x]) => { onParams({ mark: x }); }} />
          </>
        }
        filtered={q !== undefined || kind !== undefined || mark !== undefined || unit !== undefined}
        onClear={() => { onParams({ q: undefined, kind: undefined, mark: undefined }); }}
        empty={<EmptyState icon={<IconDevices size={34} />} title={t('asset.empty')} text={t('asset.emptyText')} />}
        open={id}
        onOpen={(next) => { onParams({ id: next }); }}
        openName={open?.name}
        panel={(shown) => <Panel key={shown} asset={items.find((x) => x.id === shown)} linked={system === undefined} onEdit={setEdited} onGone={() => { onParams({ id: undefined }); }} />}
      />
      {edited && (
        <AssetDialog
          asset={edited === 'new' ? undefined : edited}
          begin={{ ...(system !== undefined && { system }), ...(unit !== undefined && { unit }) } as Partial<AssetFacts> & { unit?: string }}
          onClose={() => { setEdited(undefined); }}
        />
      )}
    </>
  );
}

function Marks({ asset: x }: { asset: Asset }) {
  const { t } = useTranslation('systems');
  return (
    <>
      {x.foreign && <Badge tone="low">{t('asset.mark.foreign')}</Badge>} {x.donated && <Badge tone="medium">{t('asset.mark.donated')}</Badge>}{' '}
      {x.vietnamese && <Badge tone="ok">{t('asset.mark.vietnamese')}</Badge>} {x.licenceEnds !== '' && <span className="la-dim">{t('asset.ends', { day: dayText(x.licenceEnds) })}</span>}
    </>
  );
}

function Panel({ asset: x, linked, onEdit, onGone }: { asset: Asset | undefined; linked: boolean; onEdit: (x: Asset) => void; onGone: () => void }) {
  const { t } = useTranslation('systems');
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  if (!x) return null;
  const facts = [
    ['kindName', t(`asset.kind.${x.kind}`)],
    ['hostname', x.hostname],
    ['address', x.address],
    ['vendor', x.vendor],
    ['product', x.product],
    ['release', x.release],
    ['cpe', x.cpe],
    ['origin', x.origin],
    ['licenceEnds', dayText(x.licenceEnds)],
    ['place', x.place],
    ['note', x.note],
  ] as const;
  return (
    <div className={page.pad}>
      {linked && x.system !== '' && (
        <Link to="/systems/$id" params={{ id: x.system }}>
          {x.systemCode} · {x.systemName}
        </Link>
      )}
      <dl className={page.facts}>
        <div>
          <dt>{t('unit')}</dt>
          <dd>{x.unitName}</dd>
        </div>
        {facts.map(
          ([name, value]) =>
            value !== '' && (
              <div key={name}>
                <dt>{t(`asset.${name}`)}</dt>
                <dd style={{ overflowWrap: 'anywhere' }}>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <Marks asset={x} />
      {x.mayManage && (
        <Group gap="xs" mt="sm">
          <Button size="xs" variant="default" onClick={() => { onEdit(x); }}>
            {t('asset.edit')}
          </Button>
          <Button size="xs" variant="default" onClick={() => { setAsked(true); }}>
            {t('asset.remove')}
          </Button>
        </Group>
      )}
      {asked && (
        <ConfirmDialog
          title={t('asset.remove')}
          text={t('asset.removeText', { name: x.name })}
          confirm={t('asset.remove')}
          danger
          onConfirm={async () => {
            await removeAsset(x.id);
            onGone();
            await assetsChanged(client);
          }}
          onClose={() => { setAsked(false); }}
        />
      )}
    </div>
  );
}
