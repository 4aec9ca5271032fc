// How a chart is drawn: the chart library is known here alone and comes with the first one.
import { BarChart, LineChart, PieChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

import { timeTicks } from '../lib/axis';
import { formatAxis, formatTime } from '../lib/time';
import type { BarsChart, ChartSpec, ShareChart, TimeChart, Tone } from './chartSpec';
import { chartTip } from './chartTip';

echarts.use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export interface Drawing {
  show: (spec: ChartSpec) => void;
  /** The chart as a PNG data address, on the colour of a card. */
  picture: () => string;
  close: () => void;
}

type Count = (n: number) => string;

// Told apart by people who confuse red and green, on light and on dark.
const palette = ['#0f8f7f', '#d9861a', '#4b7fd1', '#b5487f', '#7a8f1f', '#7b61c9', '#c2512f', '#5f7384'];

interface Look {
  dim: string;
  line: string;
  card: string;
  text: string;
  width: number;
  colour: (tone: Tone | undefined, i: number) => string;
}

function look(element: HTMLElement): Look {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    dim: of('--la-dim'),
    line: of('--la-line'),
    card: of('--la-card'),
    text: of('--mantine-color-text'),
    width: element.clientWidth,
    colour: (tone, i) =>
      tone === undefined ? (palette[i % palette.length] ?? '') : of(tone === 'accent' ? '--la-accent' : `--la-${tone}-bar`),
  };
}

/** Draws into an element until it is closed. onPick hears the name or the moment (ms) that was clicked. */
export function draw(element: HTMLElement, count: Count, onPick?: (picked: string | number) => void): Drawing {
  const chart = echarts.init(element, null, { renderer: 'canvas' });
  let current: ChartSpec | undefined;
  const paint = () => {
    if (current) chart.setOption(optionOf(current, look(element), count, onPick !== undefined), { notMerge: true });
  };
  const resize = new ResizeObserver(() => {
    chart.resize();
    paint();
  });
  resize.observe(element);
  chart.on('click', (event) => {
    const value = event.value as unknown;
    onPick?.(Array.isArray(value) && typeof value[0] === 'number' ? value[0] : event.name);
  });
  return {
    show(spec) {
      current = spec;
      paint();
    },
    picture: () => chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: look(element).card }),
    close() {
      resize.disconnect();
      chart.dispose();
    },
  };
}

function optionOf(spec: ChartSpec, style: Look, count: Count, picks: boolean) {
  const common = { animation: false, textStyle: { fontFamily: 'inherit' } };
  switch (spec.kind) {
    case 'time':
      return { ...common, ...time(spec, style, count, picks) };
    case 'bars':
      return { ...common, ...bars(spec, style, count, picks) };
    case 'share':
      return { ...common, ...share(spec, style, count) };
  }
}

const tip = (style: Look) => ({
  backgroundColor: style.card,
  borderColor: style.line,
  textStyle: { color: style.text, fontSize: 12 },
  confine: true,
});

const legend = (style: Look, several: boolean) => ({
  show: several,
  type: 'scroll' as const,
  top: 0,
  icon: 'roundRect',
  itemWidth: 10,
  itemHeight: 10,
  textStyle: { color: style.dim, fontSize: 12 },
});

const gridOf = (several: boolean) => ({ left: 8, right: 12, top: several ? 32 : 12, bottom: 4, containLabel: true });

const values = (style: Look, count: Count) => ({
  type: 'value' as const,
  minInterval: 1,
  splitNumber: 3,
  axisLabel: { color: style.dim, fontSize: 11, formatter: (n: number) => count(n) },
  splitLine: { lineStyle: { color: style.line } },
});

function time(spec: TimeChart, style: Look, count: Count, picks: boolean) {
  const moments = spec.series.flatMap((s) => s.points.map(([at]) => at));
  const from = Math.min(...moments);
  const to = Math.max(...moments);
  const ticks = timeTicks(from, to, Math.max(2, Math.floor(style.width / 120)));
  const spanSeconds = (to - from) / 1_000;
  const several = spec.series.length > 1;
  return {
    legend: legend(style, several),
    grid: gridOf(several),
    tooltip: {
      ...tip(style),
      trigger: 'axis' as const,
      formatter: (params: { seriesName: string; color: string; value: [number, number | null] }[]) =>
        chartTip(
          formatTime(new Date(params[0]?.value[0] ?? 0)),
          params.map((p) => ({
            colour: p.color,
            name: several ? `${p.seriesName}:` : undefined,
            value: p.value[1] === null ? '–' : count(p.value[1]),
          })),
        ),
    },
    xAxis: {
      type: 'time' as const,
      axisLine: { lineStyle: { color: style.line } },
      axisTick: { show: false },
      axisLabel: {
        color: style.dim,
        fontSize: 11,
        hideOverlap: true,
        customValues: ticks,
        formatter: (ms: number) => formatAxis(ms, spanSeconds > 10 * 86_400 ? 86_400 : spanSeconds > 2 * 86_400 ? 3_600 : 60),
      },
    },
    yAxis: values(style, count),
    series: spec.series.map((s, i) => ({
      name: s.name,
      type: spec.look === 'bars' ? ('bar' as const) : ('line' as const),
      data: s.points,
      stack: spec.stacked ? 'all' : undefined,
      showSymbol: s.points.length < 2,
      cursor: picks ? 'pointer' : 'default',
      barMaxWidth: 28,
      areaStyle: spec.look === 'areas' ? { opacity: spec.stacked ? 0.55 : 0.14 } : undefined,
      lineStyle: { width: 2 },
      itemStyle: { color: style.colour(s.tone ?? (several ? undefined : 'accent'), i), borderRadius: spec.stacked ? 0 : [2, 2, 0, 0] },
    })),
  };
}

function bars(spec: BarsChart, style: Look, count: Count, picks: boolean) {
  const several = spec.series.length > 1;
  return {
    legend: legend(style, several),
    grid: gridOf(several),
    tooltip: {
      ...tip(style),
      trigger: 'axis' as const,
      axisPointer: { type: 'shadow' as const },
      formatter: (params: { name: string; seriesName: string; color: string; value: number }[]) =>
        chartTip(
          params[0]?.name ?? '',
          params.map((p) => ({ colour: p.color, name: `${p.seriesName}:`, value: count(p.value) })),
          true,
        ),
    },
    xAxis: values(style, count),
    yAxis: {
      type: 'category' as const,
      inverse: true,
      data: spec.names,
      axisLine: { lineStyle: { color: style.line } },
      axisTick: { show: false },
      axisLabel: { color: style.text, fontSize: 12, width: Math.min(220, style.width * 0.4), overflow: 'truncate' as const },
    },
    series: spec.series.map((s, i) => ({
      name: s.name,
      type: 'bar' as const,
      data: s.values,
      stack: spec.stacked ? 'all' : undefined,
      barMaxWidth: 18,
      cursor: picks ? 'pointer' : 'default',
      itemStyle: { color: style.colour(s.tone ?? (several ? undefined : 'accent'), i), borderRadius: spec.stacked ? 0 : [0, 3, 3, 0] },
    })),
  };
}

function share(spec: ShareChart, style: Look, count: Count) {
  const beside = style.width >= 360;
  return {
    legend: {
      ...legend(style, true),
      ...(beside ? { orient: 'vertical' as const, left: '52%', top: 'middle', textStyle: { color: style.text, fontSize: 12.5 } } : {}),
    },
    tooltip: {
      ...tip(style),
      trigger: 'item' as const,
      formatter: (p: { name: string; color: string; value: number; percent: number }) =>
        chartTip('', [{ colour: p.color, name: `${p.name}:`, value: count(p.value), more: `(${count(p.percent)}%)` }]),
    },
    series: [
      {
        type: 'pie' as const,
        radius: ['56%', '84%'],
        center: beside ? ['26%', '50%'] : ['50%', '58%'],
        label: { show: false },
        itemStyle: { borderColor: style.card, borderWidth: 2 },
        data: spec.parts.map((part, i) => ({ name: part.name, value: part.value, itemStyle: { color: style.colour(part.tone, i) } })),
      },
    ],
  };
}
