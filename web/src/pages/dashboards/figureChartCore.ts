// The charts of dashboards, drawn by the chart library; fetched with the first one.
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

import { chartTip } from '../../kit/chartTip';
import { timeTicks } from '../../lib/axis';
import { formatAxis, formatTime } from '../../lib/time';

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export interface Series {
  key: string;
  name: string;
  values: (number | null)[];
}

export interface Drawing {
  form: 'lines' | 'columns' | 'stack' | 'bars' | 'stacked';
  /** Moments in milliseconds, or names. */
  along: number[] | string[];
  partMs: number;
  series: Series[];
  short: (n: number) => string;
  long: (n: number) => string;
}

const others = ['--la-low-bar', '--la-medium-bar', '--la-ok-bar', '--la-high-bar'];
const levels = new Set(['critical', 'high', 'medium', 'low', 'informational']);

export interface Chart {
  show: (drawing: Drawing) => void;
  close: () => void;
}

export function createChart(element: HTMLElement, onPick: (index: number) => void): Chart {
  const chart = echarts.init(element, null, { renderer: 'canvas' });
  let latest: Drawing | undefined;
  const draw = () => {
    if (latest) chart.setOption(optionOf(element, latest), { notMerge: true });
  };
  const resize = new ResizeObserver(() => {
    chart.resize();
    draw();
  });
  resize.observe(element);
  chart.on('click', (event) => {
    const index = event.dataIndex;
    const across = latest?.form === 'bars' || latest?.form === 'stacked';
    onPick(across ? (latest?.along.length ?? 0) - 1 - index : index);
  });
  return {
    show(drawing) {
      latest = drawing;
      draw();
    },
    close() {
      resize.disconnect();
      chart.dispose();
    },
  };
}

function optionOf(element: HTMLElement, drawing: Drawing) {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const dim = colour('--la-dim');
  const line = colour('--la-line');
  const text = colour('--mantine-color-text');
  const across = drawing.form === 'bars' || drawing.form === 'stacked';
  const stacked = drawing.form === 'stack' || drawing.form === 'stacked';
  const series = drawing.form === 'bars' ? drawing.series.slice(0, 1) : drawing.series;
  const narrow = element.clientWidth < 420;
  const colourOf = (s: Series, i: number) => colour(levels.has(s.key) ? `--la-${s.key}-bar` : (others[i % others.length] ?? '--la-accent'));
  const values = { type: 'value', minInterval: series.every((s) => s.values.every((v) => v === null || Number.isInteger(v))) ? 1 : 0, splitNumber: 3 };
  const valueAxis = {
    ...values,
    axisLabel: { color: dim, fontSize: 11, formatter: (n: number) => drawing.short(n), hideOverlap: true },
    splitLine: { lineStyle: { color: line, opacity: 0.6 } },
  };
  const names = across ? [...(drawing.along as string[])].reverse() : [];
  const most = narrow ? 14 : 30;
  const nameAxis = {
    type: 'category',
    data: names,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: line } },
    axisLabel: {
      color: text,
      fontSize: 12,
      width: Math.max(80, Math.floor(element.clientWidth * (narrow ? 0.38 : 0.34))),
      overflow: 'truncate',
      formatter: (name: string) => (name.length > 2 * most ? `${name.slice(0, 2 * most)}…` : name),
    },
  };
  const moments = across ? [] : (drawing.along as number[]);
  const from = moments[0] ?? 0;
  const to = (moments.at(-1) ?? 0) + drawing.partMs;
  const wanted = Math.max(2, Math.floor(element.clientWidth / 110));
  const ticks = timeTicks(from, to, wanted);
  const timeAxis = {
    type: 'value',
    min: from,
    max: to,
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false, customValues: ticks.at },
    splitLine: { show: false },
    axisLabel: {
      color: dim,
      fontSize: 11,
      hideOverlap: true,
      customValues: ticks.at,
      formatter: (ms: number) => formatAxis(ms, ticks.stepMs / 1_000),
    },
  };
  return {
    animation: false,
    aria: { enabled: series.length > 1, label: { enabled: false }, decal: { show: true } },
    grid: { left: 6, right: 14, top: series.length > 1 ? 30 : 10, bottom: 4, containLabel: true },
    legend: {
      show: series.length > 1,
      type: 'scroll',
      top: 0,
      left: 0,
      itemWidth: 16,
      itemHeight: 10,
      textStyle: { color: dim, fontSize: 11 },
      pageTextStyle: { color: dim },
      data: series.map((s) => s.name),
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      confine: true,
      backgroundColor: colour('--la-card'),
      borderColor: line,
      textStyle: { color: text, fontSize: 12 },
      formatter: (list: { seriesName: string; dataIndex: number; color: string }[]) => {
        const first = list[0];
        if (!first) return '';
        const at = across ? names.length - 1 - first.dataIndex : first.dataIndex;
        const moment = moments[at] ?? 0;
        const head = across ? (names[first.dataIndex] ?? '') : `${formatTime(new Date(moment))} – ${formatTime(new Date(moment + drawing.partMs))}`;
        return chartTip(
          head,
          list.map(({ seriesName, color }) => {
            const value = series.find((s) => s.name === seriesName)?.values[at];
            return { colour: color, name: `${seriesName}:`, value: value === null || value === undefined ? '–' : drawing.long(value) };
          }),
        );
      },
    },
    xAxis: across ? valueAxis : timeAxis,
    yAxis: across ? nameAxis : valueAxis,
    series: series.map((s, i) => ({
      name: s.name,
      type: drawing.form === 'lines' ? 'line' : 'bar',
      ...(stacked && { stack: 'all' }),
      ...(drawing.form === 'lines' && { showSymbol: moments.length < 40, symbolSize: 5, connectNulls: false, lineStyle: { width: 2 } }),
      ...(!across && drawing.form !== 'lines' && { barWidth: barWidth(element.clientWidth, moments.length, stacked ? 1 : series.length) }),
      barMaxWidth: 26,
      barCategoryGap: '24%',
      itemStyle: { color: colourOf(s, i) },
      cursor: 'pointer',
      data: across ? [...s.values].reverse() : s.values.map((v, j) => [(moments[j] ?? 0) + drawing.partMs / 2, v]),
      ...(across && !stacked && { label: { show: true, position: 'right', color: dim, fontSize: 11, formatter: ({ value }: { value: number }) => drawing.short(value) } }),
    })),
  };
}

const barWidth = (width: number, parts: number, beside: number) => Math.max(1, (0.8 * (width - 60)) / Math.max(1, parts * beside));
