import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';

import type { BarData, ChartHandle } from './chartCore';

interface Props extends Omit<BarData, 'colors'> {
  height: number;
  /** What the chart says, for those who cannot see it. */
  label: string;
  /** Called with the bounds a reader drew or clicked, in milliseconds. */
  onRange?: ((fromMs: number, toMs: number) => void) | undefined;
}

/** Counts over time. The chart library is fetched when the first chart shows. */
export function BarChart({ height, label, onRange, ...data }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartHandle>(undefined);
  const latest = useRef({ data, onRange });
  const { colorScheme } = useMantineColorScheme();

  const selectable = onRange !== undefined;
  useEffect(() => {
    latest.current = { data, onRange };
  });
  // Drawing again hides the tooltip, so it happens only when the numbers change.
  useEffect(() => {
    chart.current?.show(latest.current.data, selectable);
  }, [data.points, data.bucketSeconds, data.fromMs, data.toMs, selectable]);

  useEffect(() => {
    let gone = false;
    void import('./chartCore').then(({ createBars }) => {
      if (gone || !element.current) return;
      chart.current = createBars(element.current, (from, to) => latest.current.onRange?.(from, to));
      chart.current.show(latest.current.data, selectable);
    });
    return () => {
      gone = true;
      chart.current?.close();
      chart.current = undefined;
    };
  }, [colorScheme, selectable]);

  return <div ref={element} role="img" aria-label={label} style={{ height, width: '100%' }} />;
}
