import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { IconChartBar, IconChartBarOff, IconDownload, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { Cell, Table } from '../../api/types';
import { collator, formatNumber } from '../../lib/format';
import { drillDown, pictureOf, type Drill, sortRows } from '../../lib/tableShape';
import { tableCsv } from '../../lib/tableCsv';
import { formatTime, formatUtc } from '../../lib/time';
import css from './table.module.css';

const TableChart = lazy(() => import('./TableChart').then((m) => ({ default: m.TableChart })));

interface Props {
  table: Table;
  query: string;
  fromMs: number;
  toMs: number;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  chart: boolean;
  onChart: (shown: boolean) => void;
  active: number;
  onDrill: (drill: Drill) => void;
}

function CellText({ cell, type }: { cell: Cell; type: string }) {
  const { t, i18n } = useTranslation('search');
  if (cell === null) return <span className="la-dim">–</span>;
  if (type === 'time') {
    return (
      <time dateTime={String(cell)} data-tip={formatUtc(String(cell))} className="la-num">
        {formatTime(String(cell))}
      </time>
    );
  }
  if (typeof cell === 'number') return <span className="la-num">{formatNumber(cell, i18n.language)}</span>;
  return cell === '' ? <span className="la-dim">{t('emptyValue')}</span> : <span>{cell}</span>;
}

/** The rows in the order asked for: the server's, or by a column. */
export function sortedRows(table: Table, sort: string | undefined): Cell[][] {
  const descending = sort?.startsWith('-') ?? false;
  const name = descending ? sort?.slice(1) : sort;
  const column = table.columns.findIndex((c) => c.name === name);
  return column < 0 ? table.rows : (sortRows(table.rows, column, descending, collator.compare) as Cell[][]);
}

/** A table made of the events found, with the picture that fits it; a row leads to its events. */
export function TableResult({ table, query, fromMs, toMs, sort, onSort, chart, onChart, active, onDrill }: Props) {
  const { t, i18n } = useTranslation(['search', 'translation']);
  const rows = useMemo(() => sortedRows(table, sort), [table, sort]);
  const picture = useMemo(() => pictureOf(table, query), [table, query]);
  const largest = useMemo(
    () => table.columns.map((c, i) => (c.type === 'number' ? Math.max(0, ...table.rows.map((r) => Number(r[i] ?? 0))) : 0)),
    [table],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 30,
    overscan: 12,
    scrollPaddingStart: 34,
  });
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active, { align: 'auto' });
  }, [active, virtual]);

  const template = table.columns.map((c) => (c.type === 'text' ? 'minmax(140px, 2fr)' : c.type === 'time' ? '190px' : 'minmax(110px, 1fr)')).join(' ');
  const minWidth = table.columns.reduce((sum, c) => sum + (c.type === 'time' ? 190 : c.type === 'text' ? 140 : 110), 0);
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([tableCsv(table.columns, rows)], { type: 'text/csv;charset=utf-8' }));
    link.download = 'lachan-table.csv';
    link.click();
    URL.revokeObjectURL(link.href);
  };

  return (
    <>
      <div className={css.tools}>
        <Text size="sm" className="la-num" role="status">
          <b>{t('tableRows', { count: table.rows.length, n: formatNumber(table.rows.length, i18n.language) })}</b>
          <span className="la-dim"> · {t('took', { ms: formatNumber(table.tookMs, i18n.language) })}</span>
        </Text>
        <Group gap={6} ml="auto">
          {picture && (
            <Tooltip label={t(chart ? 'chartHide' : 'chartShow')}>
              <ActionIcon
                aria-label={t(chart ? 'chartHide' : 'chartShow')}
                onClick={() => {
                  onChart(!chart);
                }}
              >
                {chart ? <IconChartBarOff size={17} /> : <IconChartBar size={17} />}
              </ActionIcon>
            </Tooltip>
          )}
          <Button size="compact-sm" variant="default" leftSection={<IconDownload size={15} />} onClick={save} disabled={rows.length === 0}>
            {t('tableCsv')}
          </Button>
        </Group>
      </div>
      {(table.partial || table.truncated) && (
        <Text size="xs" px="sm" pb={6} style={{ color: 'var(--la-high)' }} role="status">
          {table.truncated && t('tableTruncated', { n: formatNumber(10_000, i18n.language) })}
          {table.partial && ` ${t('partial')} ${table.partial}`}
        </Text>
      )}
      {picture && chart && (
        <Suspense fallback={<div className={css.chart} />}>
          <TableChart picture={picture} fromMs={fromMs} toMs={toMs} />
        </Suspense>
      )}
      <div ref={scroller} className={css.scroller} role="grid" aria-label={t('tableLabel')} aria-rowcount={rows.length + 1} tabIndex={0}>
        <div role="rowgroup" className={css.head} style={{ minWidth }}>
          <div role="row" aria-rowindex={1} className={css.headRow} style={{ gridTemplateColumns: template }}>
            {table.columns.map(({ name, type }) => {
              const order = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : undefined;
              return (
                <div key={name} role="columnheader" aria-sort={order ?? 'none'} className={css.headCell} data-number={type === 'number' || undefined}>
                  <button
                    type="button"
                    onClick={() => {
                      // Numbers are asked for from the largest, names from the first.
                      const first = type === 'text' ? name : `-${name}`;
                      const second = type === 'text' ? `-${name}` : name;
                      onSort(sort === first ? second : sort === second ? undefined : first);
                    }}
                  >
                    <span className="la-clip">{type === 'time' && name === 'time' ? t('translation:event.time') : name}</span>
                    {order === 'ascending' && <IconSortAscending size={14} aria-hidden="true" />}
                    {order === 'descending' && <IconSortDescending size={14} aria-hidden="true" />}
                  </button>
                </div>
              );
            })}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative', minWidth }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const drill = drillDown(query, table.columns, row);
            return (
              <div
                key={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                className={css.row}
                data-active={item.index === active || undefined}
                data-leads={drill !== undefined || undefined}
                title={drill ? t('tableDrill') : undefined}
                style={{ height: item.size, transform: `translateY(${String(item.start)}px)`, gridTemplateColumns: template }}
                onClick={() => {
                  if (drill && window.getSelection()?.isCollapsed !== false) onDrill(drill);
                }}
              >
                {table.columns.map(({ name, type }, i) => (
                  <div key={name} role="gridcell" className={css.cell} data-number={type === 'number' || undefined}>
                    {type === 'number' && (largest[i] ?? 0) > 0 && (
                      <span className={css.bar} style={{ width: `${String((100 * Math.max(0, Number(row[i] ?? 0))) / (largest[i] ?? 1))}%` }} aria-hidden="true" />
                    )}
                    <CellText cell={row[i] ?? null} type={type} />
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
