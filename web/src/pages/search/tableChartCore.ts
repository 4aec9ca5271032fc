// The picture of a table, drawn by the chart library; fetched with the first one.
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

import { chartTip } from '../../kit/chartTip';
import { timeTicks } from '../../lib/axis';
import type { Picture } from '../../lib/tableShape';
import { formatAxis, formatTime } from '../../lib/time';

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export interface Words {
  count: (n: number) => string;
  compact: (n: number) => string;
  empty: string;
}

// Told apart by people who confuse red and green, on light and on dark.
const palette = ['#0f8f7f', '#d9861a', '#4b7fd1', '#b5487f', '#7a8f1f', '#7b61c9', '#c2512f', '#5f7384'];

/** Draws until the returned function is called. */
export function drawPicture(element: HTMLElement, picture: Picture, words: Words): () => void {
  const chart = echarts.init(element, null, { renderer: 'canvas' });
  const draw = () => {
    chart.setOption(picture.kind === 'lines' ? lines(element, picture, words) : bars(element, picture, words), { notMerge: true });
  };
  const resize = new ResizeObserver(() => {
    chart.resize();
    draw();
  });
  resize.observe(element);
  draw();
  return () => {
    resize.disconnect();
    chart.dispose();
  };
}

function look(element: HTMLElement) {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return { dim: colour('--la-dim'), line: colour('--la-line'), card: colour('--la-card'), text: colour('--mantine-color-text') };
}

function tooltip(element: HTMLElement) {
  const { card, line, text } = look(element);
  return { backgroundColor: card, borderColor: line, textStyle: { color: text, fontSize: 12 }, confine: true };
}

function lines(element: HTMLElement, picture: Extract<Picture, { kind: 'lines' }>, words: Words) {
  const { dim, line } = look(element);
  const name = (text: string) => (text === '' ? words.empty : text);
  const moments = picture.series.flatMap((s) => s.points.map(([at]) => at));
  const from = Math.min(...moments);
  const to = Math.max(...moments);
  const ticks = timeTicks(from, to, Math.max(2, Math.floor(element.clientWidth / 120)));
  // A span or two make no line; columns show them as they are.
  const few = new Set(moments).size <= 2;
  return {
    animation: false,
    color: palette,
    grid: { left: 8, right: 14, top: picture.series.length > 1 ? 30 : 12, bottom: 6, containLabel: true },
    legend: { show: picture.series.length > 1, type: 'plain', top: 2, textStyle: { color: dim, fontSize: 11 }, itemWidth: 14, itemHeight: 8 },
    tooltip: {
      ...tooltip(element),
      trigger: 'axis',
      formatter: (points: { seriesName: string; value: [number, number]; color: string }[]) => {
        const at = points[0]?.value[0] ?? 0;
        const rows = [...points].sort((a, b) => b.value[1] - a.value[1]);
        return chartTip(
          `${formatTime(new Date(at))} – ${formatTime(new Date(at + picture.spanMs)).slice(11)}`,
          rows.map((p) => ({ colour: p.color, name: name(p.seriesName), value: words.count(p.value[1]) })),
        );
      },
    },
    xAxis: {
      type: 'value',
      min: from,
      max: few ? to + picture.spanMs : to,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false, customValues: ticks.at },
      splitLine: { show: false },
      axisLabel: { color: dim, fontSize: 11, hideOverlap: true, customValues: ticks.at, formatter: (ms: number) => formatAxis(ms, ticks.stepMs / 1_000) },
    },
    yAxis: {
      type: 'value',
      splitNumber: 3,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: dim, fontSize: 11, formatter: words.compact },
      splitLine: { lineStyle: { color: line, opacity: 0.6 } },
    },
    series: picture.series.map((s) => ({
      name: name(s.name),
      type: few ? 'bar' : 'line',
      barMaxWidth: 40,
      symbol: 'none',
      lineStyle: { width: 1.6 },
      areaStyle: picture.series.length === 1 && !few ? { opacity: 0.14 } : undefined,
      data: s.points,
    })),
  };
}

function bars(element: HTMLElement, picture: Extract<Picture, { kind: 'bars' }>, words: Words) {
  const { dim, line } = look(element);
  const names = picture.names.map((text) => (text === '' ? words.empty : text));
  return {
    animation: false,
    color: palette,
    grid: { left: 8, right: 14, top: 12, bottom: 6, containLabel: true },
    tooltip: {
      ...tooltip(element),
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: (points: { dataIndex: number; value: number }[]) => {
        const point = points[0];
        return point ? chartTip(names[point.dataIndex] ?? '', [{ name: picture.measure, value: words.count(point.value) }]) : '';
      },
    },
    xAxis: {
      type: 'category',
      data: names,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { color: dim, fontSize: 11, interval: 0, overflow: 'truncate', width: Math.max(20, (element.clientWidth - 70) / Math.max(1, names.length) - 6) },
    },
    yAxis: {
      type: 'value',
      splitNumber: 3,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: dim, fontSize: 11, formatter: words.compact },
      splitLine: { lineStyle: { color: line, opacity: 0.6 } },
    },
    series: [{ type: 'bar', barMaxWidth: 46, itemStyle: { borderRadius: [3, 3, 0, 0] }, data: picture.values }],
  };
}
