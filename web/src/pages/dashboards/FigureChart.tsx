import { useMantineColorScheme } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { Figure, WidgetKind } from '../../api/boardQueries';
import { cellText, formatMeasure, isMeasure, type Measure } from '../../lib/figures';
import type { Chart, Drawing } from './figureChartCore';
import { useHow } from './useHow';

/** What can be drawn of a figure; undefined where its table says more. */
function drawingOf(figure: Figure, form: WidgetKind['form'], language: 'vi' | 'en', write: (n: number, m: Measure, short: boolean) => string): Drawing | undefined {
  if (form === 'number' || form === 'table' || form === 'text' || figure.rows.length === 0) return undefined;
  const numbers = figure.columns.map((column, i) => ({ column, i })).filter(({ column }) => isMeasure(column.kind));
  const first = numbers[0];
  if (!first) return undefined;
  // All series share one axis, so they are of one measure.
  const shown = numbers.filter(({ column }) => column.kind === first.column.kind && (form !== 'lines' || column === first.column));
  const measure = first.column.kind as Measure;
  const time = figure.columns[0]?.kind === 'time';
  return {
    form,
    along: time
      ? figure.rows.map((row) => Date.parse(row.cells[0]?.text ?? ''))
      : figure.rows.map((row, i) => `${cellText(row.cells[0], language)}${'\u200b'.repeat(i)}`),
    partMs: (figure.partSeconds ?? 0) * 1_000,
    series: shown.map(({ column, i }) => ({ key: column.key, name: column.name[language], values: figure.rows.map((row) => row.cells[i]?.number ?? null) })),
    short: (n) => write(n, measure, true),
    long: (n) => write(n, measure, false),
  };
}

export function FigureChart({ figure, form, name }: { figure: Figure; form: WidgetKind['form']; name: string }) {
  const { t } = useTranslation('boards');
  const router = useRouter();
  const how = useHow();
  const { colorScheme } = useMantineColorScheme();
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(undefined);
  const drawing = useMemo(
    () => drawingOf(figure, form, how.language, (n, measure, short) => formatMeasure(n, measure, { ...how, short })),
    [figure, form, how],
  );
  const latest = useRef({ drawing, figure });
  useEffect(() => {
    latest.current = { drawing, figure };
    if (drawing) chart.current?.show(drawing);
  }, [drawing, figure]);

  useEffect(() => {
    let gone = false;
    void import('./figureChartCore').then(({ createChart }) => {
      if (gone || !element.current) return;
      chart.current = createChart(element.current, (index) => {
        const link = latest.current.figure.rows[index]?.link;
        if (link) router.history.push(link);
      });
      if (latest.current.drawing) chart.current.show(latest.current.drawing);
    });
    return () => {
      gone = true;
      chart.current?.close();
      chart.current = undefined;
    };
  }, [colorScheme, router]);

  const most = figure.rows.reduce<{ at: number; n: number }>(
    (best, row, at) => {
      const n = row.cells.find((cell) => cell.number !== undefined)?.number ?? 0;
      return n > best.n ? { at, n } : best;
    },
    { at: -1, n: 0 },
  );
  const measure = figure.columns.find((c) => isMeasure(c.kind))?.kind as Measure | undefined;
  const top = figure.rows[most.at];
  const text = [
    top && measure && figure.columns[0]?.kind === 'text' && t('figure.most', { name: cellText(top.cells[0], how.language), n: formatMeasure(most.n, measure, how) }),
    t('figure.rows', { count: figure.rows.length }),
  ];
  return (
    <div
      ref={element}
      role="img"
      aria-label={t('figure.chartOf', { name, text: text.filter(Boolean).join(' ') })}
      style={{ width: '100%', height: '100%', minHeight: 120 }}
    />
  );
}
