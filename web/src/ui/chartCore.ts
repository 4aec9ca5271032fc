// The only file that knows the chart library, so that it stays one lazy chunk.
import { BarChart as Bars } from 'echarts/charts';
import { BrushComponent, GridComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

import { chartTip } from '../kit/chartTip';
import { formatAxis, formatTime } from '../lib/time';

echarts.use([Bars, GridComponent, TooltipComponent, BrushComponent, CanvasRenderer]);

export interface BarData {
  points: { t: string; count: number }[];
  bucketSeconds: number;
  fromMs: number;
  toMs: number;
  formatCount: (n: number) => string;
}

export interface ChartHandle {
  show: (data: BarData, selectable: boolean) => void;
  close: () => void;
}

function colour(element: HTMLElement, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

export function createBars(element: HTMLElement, onRange: (fromMs: number, toMs: number) => void): ChartHandle {
  const chart = echarts.init(element, null, { renderer: 'canvas' });
  const resize = new ResizeObserver(() => {
    chart.resize();
  });
  resize.observe(element);

  let bucketMs = 1_000;
  chart.on('click', (event) => {
    const at = (event.value as [number, number])[0];
    onRange(at - bucketMs / 2, at + bucketMs / 2);
  });
  chart.on('brushEnd', (event) => {
    const areas = (event as { areas?: { coordRange?: [number, number] }[] }).areas;
    const range = areas?.[0]?.coordRange;
    chart.dispatchAction({ type: 'brush', areas: [] });
    if (range && range[1] - range[0] >= 1_000) onRange(Math.round(range[0]), Math.round(range[1]));
  });

  return {
    show(data, selectable) {
      bucketMs = data.bucketSeconds * 1_000;
      const dim = colour(element, '--la-dim');
      const line = colour(element, '--la-line');
      const accent = colour(element, '--la-accent');
      const width = element.clientWidth;
      chart.setOption(
        {
          animation: false,
          grid: { left: 8, right: 8, top: 10, bottom: 4, containLabel: true },
          tooltip: {
            trigger: 'axis',
            axisPointer: { type: 'shadow' },
            backgroundColor: colour(element, '--la-card'),
            borderColor: line,
            textStyle: { color: colour(element, '--mantine-color-text'), fontSize: 12 },
            formatter: (params: { value: [number, number] }[]) => {
              const value = params[0]?.value;
              if (!value) return '';
              const start = value[0] - bucketMs / 2;
              return chartTip(formatTime(new Date(start)), [{ name: formatTime(new Date(start + bucketMs)) }, { value: data.formatCount(value[1]) }]);
            },
          },
          xAxis: {
            type: 'time',
            min: data.fromMs,
            max: data.toMs,
            axisLine: { lineStyle: { color: line } },
            axisTick: { show: false },
            splitNumber: Math.max(2, Math.min(10, Math.floor(width / 120))),
            axisLabel: {
              color: dim,
              fontSize: 11,
              hideOverlap: true,
              formatter: (ms: number) => formatAxis(ms, (data.toMs - data.fromMs) / 1_000 > 2 * 86_400 ? 3_600 : data.bucketSeconds),
            },
          },
          yAxis: {
            type: 'value',
            minInterval: 1,
            splitNumber: 3,
            axisLabel: { color: dim, fontSize: 11, formatter: (n: number) => data.formatCount(n) },
            splitLine: { lineStyle: { color: line, opacity: 0.6 } },
          },
          series: [
            {
              type: 'bar',
              barCategoryGap: '12%',
              barMaxWidth: 28,
              barWidth: Math.max(1, (width - 60) * (bucketMs / Math.max(1, data.toMs - data.fromMs)) * 0.86),
              itemStyle: { color: accent, borderRadius: [2, 2, 0, 0] },
              cursor: selectable ? 'pointer' : 'default',
              data: data.points.map((p) => [Date.parse(p.t) + bucketMs / 2, p.count]),
            },
          ],
          ...(selectable && {
            brush: {
              xAxisIndex: 0,
              brushType: 'lineX',
              brushStyle: { color: accent, opacity: 0.2, borderColor: accent, borderWidth: 1 },
              throttleType: 'debounce',
              toolbox: [],
            },
          }),
        },
        { notMerge: true },
      );
      if (selectable) {
        chart.dispatchAction({
          type: 'takeGlobalCursor',
          key: 'brush',
          brushOption: { brushType: 'lineX', brushMode: 'single' },
        });
      }
    },
    close() {
      resize.disconnect();
      chart.dispose();
    },
  };
}
