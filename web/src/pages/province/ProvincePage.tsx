import '../../i18n/province';

import { Text, Title } from '@mantine/core';
import { IconServer2 } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { coverageQuery } from '../../api/antimalwareQueries';
import { form08Query } from '../../api/dossierQueries';
import { wallQuery } from '../../api/obligationQueries';
import { layerOverviewQuery } from '../../api/standingQueries';
import { vulnerabilityReportQuery } from '../../api/vulnerabilityQueries';
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
import { type Figures, listOf, rowsOf, type Row, type What, whats } from './rows';

const reportDays = 90;

/** How every unit stands, from the register, the dossiers, scans, malware protection and duties. */
export function ProvincePage() {
  const { t, i18n } = useTranslation('province');
  const may = useMay();
  const unit = useUnit();
  const [form, layers, report, coverage, wall] = useQueries({
    queries: [
      { ...form08Query({}), enabled: may('dossier.read') },
      { ...layerOverviewQuery, enabled: may('requirement.read') },
      { ...vulnerabilityReportQuery(reportDays), enabled: may('vulnerability.read') },
      { ...coverageQuery, enabled: may('antimalware.read') },
      { ...wallQuery(false), enabled: may('obligation.read') },
    ],
  });
  const all = [form, layers, report, coverage, wall];
  const failed = all.find((one) => one.error);
  const figures: Figures = { form: form.data, layers: layers.data, report: report.data, coverage: coverage.data, wall: wall.data };
  const rows = rowsOf(figures).filter((row) => unit === undefined || row.unit === unit);
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
      {all.some((one) => one.isLoading) ? (
        <Rows count={8} />
      ) : rows.length === 0 && !failed ? (
        <EmptyState icon={<IconServer2 size={28} />} title={t('none')} text={t('noneText')}>
          {may('system.manage') && <LinkButton to="/systems/new">{t('toRegister')}</LinkButton>}
        </EmptyState>
      ) : (
        <>
          <Text size="sm" className="la-dim" mb="sm">
            {t('intro')}
          </Text>
          <Tiles figures={figures} short={short} />
          <Title order={2} fz="md" mt="lg" mb={6}>
            {t('byUnit')}
          </Title>
          <Table rows={rows} short={short} />
          {may('readiness.read') && <Decisions unit={unit} />}
        </>
      )}
    </div>
  );
}

function Tiles({ figures: { form, layers, report, coverage, wall }, short }: { figures: Figures; short: (n: number) => string }) {
  const { t } = useTranslation('province');
  const share = (part: number, of: number) => (of === 0 ? undefined : t('ofSystems', { share: Math.round((100 * part) / of) }));
  return (
    <div className={css.tiles}>
      {form && <StatTile name={t('systems')} value={short(form.counts.total)} to="/form-08?counter=total" />}
      {form && <StatTile name={t('approved')} value={short(form.counts.approved)} note={share(form.counts.approved, form.counts.total)} to="/form-08?counter=approved" />}
      {layers && <StatTile name={t('layers')} value={short(layers.all)} note={share(layers.all, layers.systems)} to="/requirements?tab=layers" />}
      {report && (
        <StatTile
          name={t('severe')}
          value={short(report.all.open.critical + report.all.open.high)}
          note={report.all.kev > 0 ? t('kev', { count: report.all.kev }) : undefined}
          tone={report.all.kev > 0 ? 'critical' : undefined}
          to="/vulnerabilities?severity=critical,high"
        />
      )}
      {report && <StatTile name={t('late')} value={short(report.all.late)} tone={report.all.late > 0 ? 'high' : undefined} to="/vulnerabilities?late=true" />}
      {coverage && (
        <StatTile
          name={t('covered')}
          value={coverage.all.machines.total === 0 ? '–' : `${String(Math.floor((100 * coverage.all.machines.covered) / coverage.all.machines.total))} %`}
          note={t('ofMachines', { covered: short(coverage.all.machines.covered), total: short(coverage.all.machines.total) })}
          to="/antimalware"
        />
      )}
      {wall && <StatTile name={t('duties')} value={short(wall.late)} tone={wall.late > 0 ? 'critical' : undefined} to="/obligations?view=late" />}
    </div>
  );
}

function Table({ rows, short }: { rows: readonly Row[]; short: (n: number) => string }) {
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
                return (
                  <td key={what} data-name={t(what)} data-bad={row.bad.includes(what) ? '' : undefined}>
                    {value === undefined ? (
                      <span className="la-dim">–</span>
                    ) : (
                      <Link to={listOf(what, row.unit) as '/'} className={css.number} aria-label={t('cell', { unit: row.name, column: t(what), value: said(what, value) })}>
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
