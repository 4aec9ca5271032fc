import '../../i18n/standing';

import { Tabs, Text } from '@mantine/core';
import { IconChecklist, IconShieldCheck, IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { criticalsQuery, layerOverviewQuery, overridesQuery, requirementOverviewQuery, requirementSystemsQuery, type Tally } from '../../api/standingQueries';
import { EmptyState } from '../../kit/EmptyState';
import { Badge } from '../../ui/Badge';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Denied } from '../users/Denied';
import css from './standing.module.css';
import { Decision } from './Gate';
import { Uncovered } from './Uncovered';
import { UnitLayers } from './UnitLayers';

const route = getRouteApi('/requirements');
const inner = ['layers', 'unit', 'overrides', 'critical'] as const;
const tabs = ['requirements', ...inner] as const;

export function RequirementsPage() {
  return (
    <Denied action="requirement.read">
      <Shown />
    </Denied>
  );
}

/** How units stand to what is asked of their systems. */
function Shown() {
  const { t } = useTranslation(['translation', 'standing']);
  const { tab = 'requirements' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.requirements')} />
      <Tabs value={tab} keepMounted={false} onChange={(value) => void navigate({ search: { tab: inner.find((one) => one === value) } })}>
        <Tabs.List mb="sm">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`standing:tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="requirements"><HeatMap /></Tabs.Panel>
        <Tabs.Panel value="layers"><LayersOverview /></Tabs.Panel>
        <Tabs.Panel value="unit"><UnitLayers /></Tabs.Panel>
        <Tabs.Panel value="overrides"><Overrides /></Tabs.Panel>
        <Tabs.Panel value="critical"><Criticals /></Tabs.Panel>
      </Tabs>
    </div>
  );
}

const toneOf = ({ asked, met }: Tally) => (asked === 0 || met === 0 ? 'none' : met / asked >= 0.8 ? 'most' : met / asked >= 0.4 ? 'half' : 'low');

function HeatMap() {
  const { t, i18n } = useTranslation('standing');
  const [picked, setPicked] = useState({ unit: '', group: '' });
  const query = useQuery(requirementOverviewQuery);
  if (query.isPending) return <Rows count={6} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const x = query.data;
  if (x.units.length === 0) return <EmptyState icon={<IconChecklist size={34} />} title={t('nothing')} text={t('nothingText')} />;
  const groups = x.groups.filter((g) => x.byGroup.some((b) => b.group === g.id));
  const nameOf = (g: (typeof groups)[number]) => (i18n.language === 'vi' ? g.vi : g.name);
  const unitName = x.units.find((u) => u.unit === picked.unit)?.unitName ?? t('heat.all');
  const picking = groups.find((g) => g.id === picked.group);
  const cell = (unit: string, name: string, group: string, groupName: string, tally: Tally | undefined) =>
    tally && (
      <button
        type="button"
        className={css.cell}
        data-tone={toneOf(tally)}
        aria-label={t('heat.cell', { unit: name, group: groupName, met: tally.met, asked: tally.asked, gaps: tally.gaps })}
        onClick={() => { setPicked({ unit, group }); }}
      >
        {t('ofAsked', { met: tally.met, asked: tally.asked })}
        {tally.gaps > 0 && <strong> !{tally.gaps}</strong>}
      </button>
    );
  return (
    <>
      <Text size="sm" mb="xs">{t('heat.text')}</Text>
      <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={t('heat.title')} tabIndex={0}>
        <table className={`${css.table ?? ''} ${css.heat ?? ''}`}>
          <thead>
            <tr>
              <th scope="col">{t('heat.unit')}</th>
              <th scope="col">{t('heat.all')}</th>
              {groups.map((g) => <th key={g.id} scope="col">{nameOf(g)}</th>)}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{t('heat.all')}</th>
              <td>{cell('', t('heat.all'), '', t('heat.all'), x.total)}</td>
              {groups.map((g) => <td key={g.id}>{cell('', t('heat.all'), g.id, nameOf(g), x.byGroup.find((b) => b.group === g.id))}</td>)}
            </tr>
            {x.units.map((u) => (
              <tr key={u.unit}>
                <th scope="row">{u.unitName}</th>
                <td>{cell(u.unit, u.unitName, '', t('heat.all'), u.total)}</td>
                {groups.map((g) => <td key={g.id}>{cell(u.unit, u.unitName, g.id, nameOf(g), u.groups.find((b) => b.group === g.id))}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Systems unit={picked.unit} group={picked.group} title={picked.unit || picked.group ? t('systemsOf', { unit: unitName, group: picking ? nameOf(picking) : t('heat.all') }) : t('systemsAll')} />
    </>
  );
}

function Systems({ unit, group, title }: { unit: string; group: string; title: string }) {
  const { t } = useTranslation('standing');
  const query = useQuery(requirementSystemsQuery(unit, group));
  if (query.isPending) return <Rows count={3} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return (
    <section aria-label={title}>
      <Text fw={600} mt="md" mb="xs">{title}</Text>
      <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={title} tabIndex={0}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('system')}</th>
              <th scope="col">{t('heat.unit')}</th>
              <th scope="col">{t('tally.met')}</th>
              <th scope="col">{t('tally.gaps')}</th>
              <th scope="col">{t('tally.failing')}</th>
              <th scope="col">{t('tally.overdue')}</th>
            </tr>
          </thead>
          <tbody>
            {query.data.items.map((s) => (
              <tr key={s.system}>
                <td><Link to="/systems/$id" params={{ id: s.system }} search={{ tab: 'requirements' }}>{s.code} · {s.title}</Link></td>
                <td>{s.unitName}</td>
                <td>{t('ofAsked', { met: s.tally.met, asked: s.tally.asked })}</td>
                <td>{s.tally.gaps}</td>
                <td>{s.tally.failing}</td>
                <td>{s.tally.overdue}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {query.data.total > query.data.items.length && <Text size="sm">{t('more', { count: query.data.total - query.data.items.length })}</Text>}
    </section>
  );
}

function LayersOverview() {
  const { t } = useTranslation('standing');
  const query = useQuery(layerOverviewQuery);
  if (query.isPending) return <Rows count={6} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const x = query.data;
  if (x.systems === 0) return <EmptyState icon={<IconStack2 size={34} />} title={t('layer.nothingAll')} text={t('layer.nothingAllText')} />;
  const numbers = [0, 1, 2, 3];
  return (
    <>
      <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={t('layer.overview')} tabIndex={0}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('heat.unit')}</th>
              <th scope="col">{t('layer.systems')}</th>
              {numbers.map((n) => <th key={n} scope="col">{t('layer.of', { layer: n + 1 })}</th>)}
              <th scope="col">{t('layer.all')}</th>
            </tr>
          </thead>
          <tbody>
            {[{ unit: '', unitName: t('heat.all'), systems: x.systems, done: x.done, all: x.all }, ...x.units].map((u) => (
              <tr key={u.unit}>
                <th scope="row">{u.unit === '' ? u.unitName : <Link to="/requirements" search={{ tab: 'unit', unit: u.unit }}>{u.unitName}</Link>}</th>
                <td>{u.systems}</td>
                {numbers.map((n) => <td key={n}>{u.done[n]}</td>)}
                <td>{u.all}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text fw={600} mt="md" mb="xs">{t('layer.lacking')}</Text>
      <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={t('layer.lacking')} tabIndex={0}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('system')}</th>
              <th scope="col">{t('heat.unit')}</th>
              {numbers.map((n) => <th key={n} scope="col">{t('layer.of', { layer: n + 1 })}</th>)}
            </tr>
          </thead>
          <tbody>
            {x.lacking.map((s) => (
              <tr key={s.system}>
                <td><Link to="/systems/$id" params={{ id: s.system }} search={{ tab: 'layers' }}>{s.code} · {s.title}</Link></td>
                <td>{s.unitName}</td>
                {numbers.map((n) => (
                  <td key={n}>{s.missing[n]?.length ? s.missing[n].map((code) => t(`layer.lacks.${code as 'decision'}`)).join('; ') : <Badge tone="ok">{t('layer.done')}</Badge>}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text size="sm" className="la-dim" mt="sm">{t('layer.text', { basis: x.model.basis })} {t('verifyText', { text: x.model.verify })}</Text>
    </>
  );
}

function Overrides() {
  const { t } = useTranslation('standing');
  const query = useQuery(overridesQuery);
  if (query.isPending) return <Rows count={3} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const { items, uncoveredTotal } = query.data;
  if (items.length === 0 && uncoveredTotal === 0) return <EmptyState icon={<IconShieldCheck size={34} />} title={t('gate.none')} text={t('gate.noneText')} />;
  return (
    <>
      {items.length === 0 && <Text size="sm">{t('gate.none')}</Text>}
      {items.map((o) => (
        <section key={o.id} className={`la-card ${css.section ?? ''}`} aria-label={o.code}>
          <Link to="/systems/$id" params={{ id: o.system }} search={{ tab: 'layers' }}>{o.code} · {o.title}</Link> · {o.unitName}
          <Decision override={o} />
        </section>
      ))}
      <Uncovered list={query.data} />
    </>
  );
}

function Criticals() {
  const { t } = useTranslation('standing');
  const query = useQuery(criticalsQuery);
  if (query.isPending) return <Rows count={3} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (query.data.items.length === 0) return <EmptyState icon={<IconShieldCheck size={34} />} title={t('critical.none')} text={t('critical.text')} />;
  return (
    <>
      <Text size="sm" mb="xs">{t('critical.text')}</Text>
      {query.data.items.map((c) => (
        <section key={c.system} className={`la-card ${css.section ?? ''}`} aria-label={c.code}>
          <span className={css.line}>
            <Link to="/systems/$id" params={{ id: c.system }} search={{ tab: 'layers' }}>{c.code} · {c.title}</Link> {c.unitName}
            <Badge tone={c.state === 'listed' ? 'critical' : 'medium'}>{t(`critical.state.${c.state}`)}</Badge>
            {c.year > 0 && t('critical.selfCheck', { year: c.year })}
          </span>
        </section>
      ))}
    </>
  );
}
