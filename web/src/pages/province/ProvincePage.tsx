import '../../i18n/province';

import { Text, Title } from '@mantine/core';
import { IconServer2 } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { coverageQuery } from '../../api/antimalwareQueries';
import { form08Query } from '../../api/dossierQueries';
import { wallQuery } from '../../api/obligationQueries';
import { unitsQuery } from '../../api/queries';
import { layerOverviewQuery } from '../../api/standingQueries';
import { vulnerabilityReportQuery } from '../../api/vulnerabilityQueries';
import { linkTo } from '../../app/routes/address';
import { useMay } from '../../app/session';
import { useUnit } from '../../app/unit';
import { EmptyState } from '../../kit/EmptyState';
import { StatTile } from '../../kit/StatTile';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Decisions } from '../requirements/Decisions';
import { LinkButton } from '../../ui/links';
import css from './province.module.css';
import { type Figures, listOf, type Row, rowsOf, runningYear, totalsOf, type What, whats } from './rows';

const reportDays = 90;

/** How every unit stands, from the register, the dossiers, scans, malware protection and duties. */
export function ProvincePage() {
  const { t, i18n } = useTranslation('province');
  const may = useMay();
  const unit = useUnit();
  const year = runningYear(new Date());
  const units = useQuery(unitsQuery);
  const [form, layers, report, coverage, wall] = useQueries({
    queries: [
      { ...form08Query({ year }), enabled: may('dossier.read') },
      { ...layerOverviewQuery, enabled: may('requirement.read') },
      { ...vulnerabilityReportQuery(reportDays), enabled: may('vulnerability.read') },
      { ...coverageQuery, enabled: may('antimalware.read') },
      { ...wallQuery(false), enabled: may('obligation.read') },
    ],
  });
  const all = [form, layers, report, coverage, wall];
  const failed = all.find((one) => one.error);
  const figures: Figures = { form: form.data, layers: layers.data, report: report.data, coverage: coverage.data, wall: wall.data };
  const nothing = rowsOf(figures).length === 0;
  const rows = rowsOf(figures, units.data?.items).filter((row) => unit === undefined || row.unit === unit);
  const short = (n: number) => new Intl.NumberFormat(i18n.language).format(n);
  return (
    <div className={page.page}>
      <PageHeader title={t('title')} />
      {failed && (
        <ErrorState
          error={failed.error}
          retry={() => {
            for (const one of all) if (one.error) void one.refetch();
          }}
        />
      )}
      {units.isLoading || all.some((one) => one.isLoading) ? (
        <Rows count={8} />
      ) : (nothing || rows.length === 0) && !failed ? (
        <EmptyState icon={<IconServer2 size={28} />} title={t('none')} text={t('noneText')}>
          {may('system.manage') && <LinkButton to="/systems/new">{t('toRegister')}</LinkButton>}
        </EmptyState>
      ) : (
        <>
          <Text size="sm" className="la-dim" mb="sm">
            {t('intro')}
          </Text>
          <Tiles figures={figures} unit={unit} year={year} short={short} />
          <Title order={2} fz="md" mt="lg" mb={6}>
            {t('byUnit')}
          </Title>
          <Table rows={rows} year={year} short={short} />
          {may('readiness.read') && <Decisions unit={unit} />}
        </>
      )}
    </div>
  );
}

function Tiles({ figures, unit, year, short }: { figures: Figures; unit: string | undefined; year: number; short: (n: number) => string }) {
  const { t } = useTranslation('province');
  const share = (part: number, of: number) => (of === 0 ? undefined : t('ofSystems', { share: Math.round((100 * part) / of) }));
  const { form, layers, report, machines, duties } = totalsOf(figures, unit);
  const to = (what: What) => listOf(what, unit, year);
  return (
    <div className={css.tiles}>
      {form && <StatTile name={t('systems')} value={short(form.total)} to={to('systems')} />}
      {form && <StatTile name={t('approved')} value={short(form.approved)} note={share(form.approved, form.total)} to={to('approved')} />}
      {layers && <StatTile name={t('layers')} value={short(layers.all)} note={share(layers.all, layers.systems)} to={to('layers')} />}
      {report && (
        <StatTile name={t('severe')} value={short(report.severe)} note={report.kev > 0 ? t('kev', { count: report.kev }) : undefined} tone={report.kev > 0 ? 'critical' : undefined} to={to('severe')} />
      )}
      {report && <StatTile name={t('late')} value={short(report.late)} tone={report.late > 0 ? 'high' : undefined} to={to('late')} />}
      {machines && (
        <StatTile
          name={t('covered')}
          value={machines.total === 0 ? '–' : `${String(Math.floor((100 * machines.covered) / machines.total))} %`}
          note={t('ofMachines', { covered: short(machines.covered), total: short(machines.total) })}
          to={to('covered')}
        />
      )}
      {duties && <StatTile name={t('duties')} value={short(duties.late)} tone={duties.late > 0 ? 'critical' : undefined} to={to('duties')} />}
    </div>
  );
}

function Table({ rows, year, short }: { rows: readonly Row[]; year: number; short: (n: number) => string }) {
  const { t } = useTranslation('province');
  const shown = whats.filter((what) => rows.some((row) => row[what] !== undefined));
  const said = (what: What, value: number) => (what === 'covered' ? `${String(value)} %` : short(value));
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={t('byUnit')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('unit')}</th>
            {shown.map((what) => (
              <th scope="col" key={what}>
                {t(what)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.unit}>
              <th scope="row">{row.name}</th>
              {shown.map((what) => {
                const value = row[what];
                const to = listOf(what, row.unit, year);
                return (
                  <td key={what} data-name={t(what)} data-bad={row.bad.includes(what) ? '' : undefined}>
                    {value === undefined ? (
                      <span className="la-dim">–</span>
                    ) : to === undefined ? (
                      said(what, value)
                    ) : (
                      <Link {...linkTo(to)} className={css.number} aria-label={t('cell', { unit: row.name, column: t(what), value: said(what, value) })}>
                        {said(what, value)}
                      </Link>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
