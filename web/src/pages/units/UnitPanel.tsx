import '../../i18n/incidents';

import { Button, Tabs, Text, UnstyledButton } from '@mantine/core';
import { IconArrowsShuffle, IconBell, IconFlame, IconPencil, IconPlugConnected, IconPlus, IconRestore } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { unitsQuery } from '../../api/queries';
import { type UnitDetail, type UnitHappening, unitHistoryQuery, unitQuery, undoReorganisation, unitsChanged } from '../../api/unitQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { by } from '../../kit/text';
import { LinkButton } from '../../ui/links';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { Contacts } from './Contacts';
import { useProvinces, useTypes } from './fields';
import { showDay } from './tree';
import { MoveDialog, UnitForm } from './UnitForm';
import { UnitStatus } from './UnitStatus';
import css from './units.module.css';

const IncidentsHere = lazy(() => import('../incidents/IncidentsHere').then((m) => ({ default: m.IncidentsHere })));
const FindingsOf = lazy(() => import('../requirements/FindingsOf').then((m) => ({ default: m.FindingsOf })));

export const panelTabs = ['info', 'contacts', 'record', 'history'] as const;

interface Props {
  id: string;
  tab: (typeof panelTabs)[number];
  onTab: (tab: (typeof panelTabs)[number]) => void;
  onOpen: (id: string) => void;
}

/** One unit: what it is, whom to reach, what happened to it. */
export function UnitPanel({ id, tab, onTab, onOpen }: Props) {
  const { t } = useTranslation(['translation', 'units']);
  const may = useMay();
  const { data, error, isPending, refetch } = useQuery(unitQuery(id));
  if (isPending) return <Rows count={6} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <Tabs
      value={tab}
      onChange={(value) => {
        onTab(panelTabs.find((name) => name === value) ?? 'info');
      }}
      keepMounted={false}
    >
      <Tabs.List mb="md">
        {panelTabs.filter((name) => name !== 'record' || may('requirement.read')).map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t(`units:tab.${name}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="info">
        <Info detail={data} mayManage={may('unit.manage')} onOpen={onOpen} />
      </Tabs.Panel>
      <Tabs.Panel value="contacts">
        <Contacts key={data.unit.version} detail={data} mayEdit={may('unit.contacts')} />
      </Tabs.Panel>
      {may('requirement.read') && (
        <Tabs.Panel value="record">
          <h3 className={css.part}>{t('units:requirements')}</h3>
          <Suspense fallback={<Rows count={3} />}>
            <FindingsOf unit={id} />
          </Suspense>
        </Tabs.Panel>
      )}
      <Tabs.Panel value="history">
        <History id={id} mayManage={may('unit.manage')} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Ref({ unit, onOpen }: { unit: { id: string; name: string }; onOpen: (id: string) => void }) {
  return (
    <UnstyledButton
      className={css.open}
      onClick={() => {
        onOpen(unit.id);
      }}
    >
      {unit.name}
    </UnstyledButton>
  );
}

function Refs({ refs, onOpen }: { refs: readonly { id: string; name: string }[]; onOpen: (id: string) => void }) {
  return (
    <ul className={css.list}>
      {refs.map((unit) => (
        <li key={unit.id}>
          <Ref unit={unit} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  );
}

function Info({ detail, mayManage, onOpen }: { detail: UnitDetail; mayManage: boolean; onOpen: (id: string) => void }) {
  const { t } = useTranslation(['translation', 'units', 'incidents']);
  const may = useMay();
  const types = useTypes();
  const provinces = useProvinces();
  const [dialog, setDialog] = useState<'edit' | 'move' | 'new'>();
  const all = useQuery(unitsQuery).data?.items ?? [];
  const { unit, address, note, path, successors, predecessors, below } = detail;
  const children = all.filter((u) => u.parent === unit.id && u.status !== 'ended').sort(by((u) => u.name));
  const parent = path.at(-2);
  const close = () => {
    setDialog(undefined);
  };
  const facts: [string, React.ReactNode][] = [
    [t('units:id'), <span key="id" className="la-mono">{unit.id}</span>],
    [t('units:kind'), types.name(unit.kind)],
    ...(unit.shortName ? [[t('units:shortName'), unit.shortName] as [string, React.ReactNode]] : []),
    ...(parent ? [[t('units:parent'), <Ref key="p" unit={parent} onOpen={onOpen} />] as [string, React.ReactNode]] : []),
    ...(unit.code ? [[t('units:adminCode'), unit.code] as [string, React.ReactNode]] : []),
    ...(unit.province ? [[t('units:province'), provinces.name(unit.province)] as [string, React.ReactNode]] : []),
    ...(unit.validFrom ? [[t('units:validFrom'), showDay(unit.validFrom)] as [string, React.ReactNode]] : []),
    ...(unit.validTo ? [[t('units:validTo'), showDay(unit.validTo)] as [string, React.ReactNode]] : []),
    ...(address ? [[t('units:address'), address] as [string, React.ReactNode]] : []),
    ...(note ? [[t('units:note'), note] as [string, React.ReactNode]] : []),
  ];
  return (
    <>
      <div className={css.actions}>
        {mayManage && (
          <>
            <Button size="xs" variant="default" leftSection={<IconPencil size={15} />} onClick={() => { setDialog('edit'); }}>
              {t('units:edit')}
            </Button>
            {unit.status !== 'ended' && (
              <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => { setDialog('new'); }}>
                {t('units:newUnder')}
              </Button>
            )}
            {unit.id !== centreUnit && unit.status !== 'ended' && (
              <Button size="xs" variant="default" leftSection={<IconArrowsShuffle size={15} />} onClick={() => { setDialog('move'); }}>
                {t('units:move')}
              </Button>
            )}
          </>
        )}
        {may('alert.read') && (
          <LinkButton to="/alerts" search={{ unit: unit.id }} size="xs" variant="default" leftSection={<IconBell size={15} />}>
            {t('units:alerts')}
          </LinkButton>
        )}
        {may('incident.open') && unit.status !== 'ended' && (
          <LinkButton to="/incidents/new" search={{ unit: unit.id, from: 'unit' }} size="xs" variant="default" leftSection={<IconFlame size={15} />}>
            {t('incidents:report')}
          </LinkButton>
        )}
        {may('source.read') && (
          <LinkButton to="/sources" search={{ q: unit.id }} size="xs" variant="default" leftSection={<IconPlugConnected size={15} />}>
            {t('units:sources')}
          </LinkButton>
        )}
      </div>
      <UnitStatus unit={unit} />
      {may('incident.read') && (
        <Suspense fallback={null}>
          <IncidentsHere filter={{ unit: unit.id }} title={t('incidents:here.unit')} none={t('incidents:here.unitNone')} all={{ unit: unit.id }} />
        </Suspense>
      )}
      <dl className={css.facts} style={{ marginTop: 10 }}>
        {facts.map(([label, value]) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {successors.length > 0 && (
        <>
          <h3 className={css.part}>{t('units:successors')}</h3>
          <Refs refs={successors} onOpen={onOpen} />
        </>
      )}
      {predecessors.length > 0 && (
        <>
          <h3 className={css.part}>{t('units:predecessors')}</h3>
          <Refs refs={predecessors} onOpen={onOpen} />
        </>
      )}
      <h3 className={css.part}>{t('units:children')}</h3>
      {below > 0 && (
        <Text size="xs" className="la-dim">
          {t('units:below', { count: below })}
        </Text>
      )}
      {children.length > 0 ? <Refs refs={children} onOpen={onOpen} /> : <Text size="sm" className="la-dim">{t('units:noChildren')}</Text>}
      {dialog === 'edit' && <UnitForm unit={detail} onClose={close} />}
      {dialog === 'new' && <UnitForm parent={unit.id} onClose={close} onDone={onOpen} />}
      {dialog === 'move' && <MoveDialog unit={detail} onClose={close} />}
    </>
  );
}

function History({ id, mayManage }: { id: string; mayManage: boolean }) {
  const { t } = useTranslation(['translation', 'units']);
  const client = useQueryClient();
  const [undoing, setUndoing] = useState<string>();
  const { data, error, isPending, refetch } = useQuery(unitHistoryQuery(id));
  if (isPending) return <Rows count={4} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data.items.length === 0) return <EmptyState icon={<IconRestore size={32} />} title={t('units:noHistory')} text="" />;
  return (
    <>
      <ol className={css.list}>
        {data.items.map((item) => (
          <li key={item.id}>
            <div>
              <strong>{t(`units:action.${item.action}`)}</strong>{' '}
              <span className="la-dim">{item.actor && t('units:by', { name: item.actor })}</span>
            </div>
            <Text size="xs" className="la-dim">
              <Time at={item.at} />
            </Text>
            <Decision item={item} mayManage={mayManage} onUndo={setUndoing} />
            {item.action !== 'create' && <Changes item={item} />}
          </li>
        ))}
      </ol>
      {undoing !== undefined && (
        <ConfirmDialog
          title={t('units:undo')}
          text={t('units:undoText')}
          confirm={t('units:undo')}
          onConfirm={async () => {
            await undoReorganisation(undoing);
            await unitsChanged(client);
          }}
          onClose={() => {
            setUndoing(undefined);
          }}
        />
      )}
    </>
  );
}

function Decision({ item, mayManage, onUndo }: { item: UnitHappening; mayManage: boolean; onUndo: (id: string) => void }) {
  const { t } = useTranslation('units');
  const made = item.reorganisation;
  if (!made || item.action === 'undo') return null;
  const day = showDay(made.day);
  return (
    <div>
      <Text size="sm">{made.decision ? t('decisionOf', { decision: made.decision, day }) : t('fromDay', { day })}</Text>
      {made.undone && (
        <Text size="xs" className="la-dim">
          {t('undone')}
        </Text>
      )}
      {made.undoable && mayManage && (
        <Button
          size="compact-sm"
          variant="light"
          mt={4}
          onClick={() => {
            onUndo(made.id);
          }}
        >
          {t('undo')}
        </Button>
      )}
    </div>
  );
}

/** What became of each field; ids as names, days as people write them. */
function Changes({ item }: { item: UnitHappening }) {
  const { t } = useTranslation('units');
  const types = useTypes();
  const units = useQuery(unitsQuery).data?.items ?? [];
  const names = new Map(units.map((u) => [u.id, u.name]));
  const text = (field: string, value: string) => {
    if (value === '') return t('empty');
    if (field === 'kind') return types.name(value);
    if (field === 'validFrom' || field === 'validTo') return showDay(value);
    if (field === 'parent' || field === 'successors') return value.split(', ').map((id) => names.get(id) ?? id).join(', ');
    return value;
  };
  return (
    <ul style={{ margin: '4px 0 0', paddingLeft: 18, fontSize: 13 }}>
      {item.changes.map((c) => (
        <li key={c.field} className="la-wrap">
          {t(`field.${c.field as 'name'}`)}: <s>{text(c.field, c.from)}</s> → {text(c.field, c.to)}
        </li>
      ))}
    </ul>
  );
}
