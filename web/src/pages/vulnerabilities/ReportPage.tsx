import '../../i18n/vulnerabilities';

import { Group, SegmentedControl, SimpleGrid, Stack } from '@mantine/core';
import { IconFileText, IconMail, IconReportAnalytics } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { documentsChanged } from '../../api/documentQueries';
import { type VulnerabilityCard, vulnerabilityReportQuery } from '../../api/vulnerabilityQueries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { List } from '../../kit/List';
import { StatTile } from '../../kit/StatTile';
import { formatNumber } from '../../lib/format';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { DueDays } from './DueDays';
import { draftLetter } from './LetterButton';
import { severities } from './parts';

const route = getRouteApi('/vulnerabilities/report');
const ranges = ['30', '90', '365'] as const;

/** How units stand, and how fast they mend. */
export function ReportPage() {
  const { t, i18n } = useTranslation('vulnerabilities');
  const { days = '90', unit } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const may = useMay();
  const writes = may('document.draft');
  const query = useQuery(vulnerabilityReportQuery(Number(days), unit));
  const number = (n: number) => formatNumber(n, i18n.language);
  const median = (c: VulnerabilityCard) => (c.medianDays === undefined ? '–' : t('card.days', { days: number(Math.round(c.medianDays * 10) / 10) }));
  const all = query.data?.all;
  const of = (c: VulnerabilityCard, more: string) => {
    const one = c.unit || unit;
    return `/vulnerabilities?${one ? `unit=${encodeURIComponent(one)}&` : ''}${more}`;
  };
  /** What happened in the time of this card: the list behind one of its figures. */
  const during = (c: VulnerabilityCard, what: 'found' | 'fixed' | 'reopened') =>
    of(c, `happened=${what}&from=${encodeURIComponent(query.data?.from ?? '')}&to=${encodeURIComponent(query.data?.to ?? '')}`);
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('card.title')}>
        <LinkButton to="/vulnerabilities" size="xs" variant="default">
          {t('tools.findings')}
        </LinkButton>
        {writes && (
          <LinkButton to="/documents" search={{ state: 'draft' }} size="xs" variant="default" leftSection={<IconFileText size={15} />}>
            {t('letter.drafts')}
          </LinkButton>
        )}
      </PageHeader>
      <Stack gap="sm">
        <Group>
          <SegmentedControl
            size="xs"
            aria-label={t('card.range')}
            data={ranges.map((value) => ({ value, label: t(`card.${value}`) }))}
            value={days}
            onChange={(value) => {
              void navigate({ search: (old) => ({ ...old, days: ranges.find((r) => r === value) }), replace: true });
            }}
          />
        </Group>
        {query.error && <ErrorState error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Rows count={4} />}
        {all && (
          <>
            <SimpleGrid cols={{ base: 2, md: 6 }} spacing="sm">
              <StatTile name={t('card.new')} value={number(all.new)} to={during(all, 'found')} />
              <StatTile name={t('card.fixed')} value={number(all.fixed)} to={during(all, 'fixed')} />
              <StatTile name={t('card.reopened')} value={number(all.reopened)} tone={all.reopened > 0 ? 'medium' : undefined} to={during(all, 'reopened')} />
              <StatTile name={t('card.median')} value={median(all)} />
              <StatTile name={t('card.late')} value={number(all.late)} tone={all.late > 0 ? 'high' : undefined} to={of(all, 'late=true')} />
              <StatTile name={t('card.kev')} value={number(all.kev)} tone={all.kev > 0 ? 'critical' : undefined} to={of(all, 'kev=true')} />
            </SimpleGrid>
            <SimpleGrid cols={{ base: 2, md: 6 }} spacing="sm">
              {severities.map((s) => (
                <StatTile
                  key={s}
                  name={`${t('card.open')}: ${t(`severities.${s}`)}`}
                  value={number(all.open[s])}
                  tone={s === 'info' || all.open[s] === 0 ? undefined : s}
                  to={of(all, `severity=${s}`)}
                />
              ))}
              <StatTile name={t('card.accepted')} value={number(all.accepted)} to={of(all, 'state=accepted')} />
            </SimpleGrid>
          </>
        )}
        <List<VulnerabilityCard>
          label={t('card.units')}
          items={query.data?.units ?? []}
          id={(c) => c.unit}
          name={(c) => c.unitName}
          query={query}
          page={(c) => of(c, '')}
          tone={(c) => (c.kev > 0 ? 'critical' : c.late > 0 ? 'high' : undefined)}
          columns={[
            { id: 'unit', name: t('unit'), main: true, cell: (c) => c.unitName },
            { id: 'critical', name: t('severities.critical'), number: true, cell: (c) => <Figure to={of(c, 'severity=critical')}>{number(c.open.critical)}</Figure> },
            { id: 'high', name: t('severities.high'), number: true, cell: (c) => <Figure to={of(c, 'severity=high')}>{number(c.open.high)}</Figure>, from: 'sm' },
            { id: 'kev', name: t('card.kev'), number: true, cell: (c) => <Figure to={of(c, 'kev=true')}>{number(c.kev)}</Figure>, from: 'sm' },
            { id: 'late', name: t('card.late'), number: true, cell: (c) => <Figure to={of(c, 'late=true')}>{number(c.late)}</Figure> },
            { id: 'new', name: t('card.new'), number: true, cell: (c) => <Figure to={during(c, 'found')}>{number(c.new)}</Figure>, from: 'md' },
            { id: 'fixed', name: t('card.fixed'), number: true, cell: (c) => <Figure to={during(c, 'fixed')}>{number(c.fixed)}</Figure>, from: 'md' },
            { id: 'reopened', name: t('card.reopened'), number: true, cell: (c) => <Figure to={during(c, 'reopened')}>{number(c.reopened)}</Figure>, from: 'lg' },
            { id: 'median', name: t('card.median'), number: true, cell: (c) => median(c), from: 'lg' },
          ]}
          bulk={
            writes
              ? [{ id: 'letter', name: t('letter.many'), icon: <IconMail size={15} />, look: 'main', run: (c) => draftLetter(c.unit).then(() => documentsChanged(client)) }]
              : []
          }
          empty={<EmptyState icon={<IconReportAnalytics size={34} />} title={t('card.none')} text={t('card.noneText')} />}
        />
        <DueDays />
      </Stack>
    </div>
  );
}

/** A figure in a row that opens the list behind it; the row itself opens all of the unit. */
function Figure({ to, children }: { to: string; children: string }) {
  return (
    <Link
      to={to as '/'}
      // One digit is too small to be touched.
      style={{ display: 'inline-block', minWidth: 24, minHeight: 24, lineHeight: '24px' }}
      onClick={(event) => {
        event.stopPropagation();
      }}
    >
      {children}
    </Link>
  );
}
