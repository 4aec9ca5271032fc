import '../i18n/kit';

import { Button, Group, Text, useComputedColorScheme } from '@mantine/core';
import { IconTable } from '@tabler/icons-react';
import { type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatNumber } from '../lib/format';
import { Copy } from '../ui/Copy';
import { useDisplay } from '../app/display';
import type { Drawing } from './chartDraw';
import { type ChartSpec, isEmpty, tableOf, tableText } from './chartSpec';
import css from './kit.module.css';

export type { ChartSpec, Tone } from './chartSpec';

export interface ChartHandle {
  /** The chart as a PNG data address, once it is drawn. */
  picture: () => string | undefined;
}

interface ChartProps {
  spec: ChartSpec;
  height?: number;
  /** What the chart says, for those who cannot see it. */
  label: string;
  format?: (n: number) => string;
  /** The name or the moment (ms) that was clicked. */
  onPick?: (picked: string | number) => void;
  ref?: Ref<ChartHandle>;
}

const usualHeight = 220;

/** A chart alone; ChartWithTable is what pages use. */
export function Chart({ spec, height = usualHeight, label, format, onPick, ref }: ChartProps) {
  const { i18n } = useTranslation();
  const element = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing>(undefined);
  const scheme = useComputedColorScheme('light');
  const { wall } = useDisplay();
  const count = format ?? ((n: number) => formatNumber(n, i18n.language));
  const latest = useRef({ spec, count, onPick });
  useEffect(() => {
    latest.current = { spec, count, onPick };
  });
  useImperativeHandle(ref, () => ({ picture: () => drawing.current?.picture() }), []);

  const shape = JSON.stringify(spec);
  useEffect(() => {
    drawing.current?.show(latest.current.spec);
  }, [shape]);

  const picks = onPick !== undefined;
  useEffect(() => {
    let gone = false;
    void import('./chartDraw').then(({ draw }) => {
      if (gone || !element.current) return;
      drawing.current = draw(
        element.current,
        (n) => latest.current.count(n),
        picks ? (picked) => latest.current.onPick?.(picked) : undefined,
      );
      drawing.current.show(latest.current.spec);
    });
    return () => {
      gone = true;
      drawing.current?.close();
      drawing.current = undefined;
    };
  }, [scheme, wall, picks, i18n.language]);

  return <div ref={element} role="img" aria-label={label} style={{ height, width: '100%' }} />;
}

interface Props extends ChartProps {
  /** The heading; label then only adds what the heading does not say. */
  title: string;
  /** Names the table's first column ("Thời điểm", "Đơn vị") and, for a share, its number. */
  head: { name: string; value: string };
  note?: string;
  tools?: React.ReactNode;
}

/** A chart under its heading, with the same numbers as a table behind a button. */
export function ChartWithTable({ title, head, note, tools, ...chart }: Props) {
  const { t, i18n } = useTranslation(['translation', 'kit']);
  const [open, setOpen] = useState(false);
  const id = useId();
  const table = open ? tableOf(chart.spec, head) : undefined;
  const format = chart.format ?? ((n: number) => formatNumber(n, i18n.language));
  const empty = isEmpty(chart.spec);
  return (
    <section className={`la-card ${css.chart ?? ''}`} aria-labelledby={id}>
      <Group justify="space-between" gap="xs" mb={4}>
        <h2 id={id} className={css.chartTitle}>
          {title}
        </h2>
        <Group gap={4}>
          {tools}
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            c="var(--la-dim)"
            leftSection={<IconTable size={14} />}
            aria-expanded={open}
            onClick={() => {
              setOpen(!open);
            }}
          >
            {open ? t('kit:chart.hide') : t('kit:chart.table')}
          </Button>
        </Group>
      </Group>
      {note && (
        <Text size="xs" className="la-dim">
          {note}
        </Text>
      )}
      {empty ? (
        <Text size="sm" className="la-dim" py="lg" ta="center">
          {t('kit:chart.none')}
        </Text>
      ) : (
        <Chart {...chart} />
      )}
      {table && (
        <div className={css.chartTable} tabIndex={0} role="group" aria-label={title}>
          <div className={css.chartCopy}>
            <Copy value={tableText(table)} label={t('kit:chart.copy')} />
          </div>
          <table className="la-table">
            <thead>
              <tr>
                {table.columns.map((name, i) => (
                  <th key={i} scope="col" style={i > 0 ? { textAlign: 'right' } : undefined}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row, i) => (
                <tr key={i}>
                  <th scope="row" className={css.rowHead}>
                    {row.name}
                  </th>
                  {row.values.map((value, j) => (
                    <td key={j} className="la-num" style={{ textAlign: 'right' }}>
                      {value === null ? '–' : format(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
