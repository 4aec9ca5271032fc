import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { BoundedHistogram } from '../../api/searchQueries';
import { roundUp, timeTicks } from '../../lib/axis';
import { type Brush, moveBrush, spanOf } from '../../lib/brush';
import { formatCompact, formatNumber } from '../../lib/format';
import { formatAxis, formatTime } from '../../lib/time';
import css from './histogram.module.css';

interface Props {
  data: BoundedHistogram;
  height: number;
  /** A newer one is on its way. */
  loading: boolean;
  onRange: (fromMs: number, toMs: number) => void;
  onBack: (() => void) | undefined;
}

const left = 44;
const right = 8;
const top = 8;
const bottom = 18;

/**
 * Counts over time. A stretch of it is chosen by dragging with a mouse or a
 * finger, or by keyboard: arrows move, Shift and arrows extend, Enter zooms in.
 */
export function Histogram({ data, height, loading, onRange, onBack }: Props) {
  const { t, i18n } = useTranslation('search');
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [brush, setBrush] = useState<Brush>();
  const [dragging, setDragging] = useState(false);
  const [hovered, setHovered] = useState<number>();

  const { buckets, fromMs, toMs } = data;
  const bucketMs = data.bucketSeconds * 1_000;
  const inner = Math.max(1, width - left - right);
  const depth = height - top - bottom;
  const x = (ms: number) => left + ((ms - fromMs) / Math.max(1, toMs - fromMs)) * inner;
  const inside = (px: number) => Math.min(left + inner, Math.max(left, px));
  const startOf = (i: number) => Date.parse(buckets[i]?.t ?? '');
  const largest = roundUp(buckets.reduce((most, b) => Math.max(most, b.count), 0));
  const y = (count: number) => top + depth - (count / largest) * depth;
  const language = i18n.language;

  const columnAt = (clientX: number, element: Element) => {
    const px = clientX - element.getBoundingClientRect().left;
    const ms = fromMs + ((inside(px) - left) / inner) * (toMs - fromMs);
    const i = Math.floor((ms - startOf(0)) / bucketMs);
    return Math.min(buckets.length - 1, Math.max(0, i));
  };
  const zoom = (chosen: Brush) => {
    const { first, last } = spanOf(chosen);
    setBrush(undefined);
    onRange(Math.max(fromMs, startOf(first)), Math.min(toMs, startOf(last) + bucketMs));
  };

  const span = brush && spanOf(brush);
  const describe = (first: number, last: number) => {
    const count = buckets.slice(first, last + 1).reduce((sum, b) => sum + b.count, 0);
    return {
      from: formatTime(new Date(Math.max(fromMs, startOf(first)))),
      to: formatTime(new Date(Math.min(toMs, startOf(last) + bucketMs))),
      n: formatNumber(count, language),
      count,
    };
  };
  const pointed = span ?? (hovered === undefined ? undefined : { first: hovered, last: hovered });
  const told = pointed && pointed.last < buckets.length ? describe(pointed.first, pointed.last) : undefined;
  const cursor = brush?.cursor ?? 0;
  const ticks = timeTicks(fromMs, toMs, Math.max(2, Math.floor(inner / 110)));
  const levels = largest % 2 === 0 ? [0, largest / 2, largest] : [0, largest];

  return (
    <div
      ref={ref}
      className={css.chart}
      data-loading={loading || undefined}
      style={{ height }}
      role="slider"
      tabIndex={0}
      aria-label={t('histogram.label')}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, buckets.length - 1)}
      aria-valuenow={cursor}
      aria-valuetext={
        told
          ? t('histogram.value', told)
          : t('histogram.summary', { n: formatNumber(data.total, language), from: formatTime(new Date(fromMs)), to: formatTime(new Date(toMs)) })
      }
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || buckets.length === 0) return;
        const from = brush ?? { anchor: buckets.length, cursor: buckets.length };
        const next = moveBrush(from, event.key, event.shiftKey && brush !== undefined, buckets.length);
        if (next) setBrush(next);
        else if (event.key === 'Enter' && brush) zoom(brush);
        else if (event.key === 'Escape' && brush) setBrush(undefined);
        else if (event.key === 'Backspace' && onBack) onBack();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onBlur={() => {
        setBrush(undefined);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0 || buckets.length === 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const column = columnAt(event.clientX, event.currentTarget);
        setDragging(true);
        setBrush({ anchor: column, cursor: column });
      }}
      onPointerMove={(event) => {
        if (buckets.length === 0) return;
        const column = columnAt(event.clientX, event.currentTarget);
        if (dragging && brush) setBrush({ anchor: brush.anchor, cursor: column });
        else setHovered(column);
      }}
      onPointerUp={() => {
        if (dragging && brush) zoom(brush);
        setDragging(false);
      }}
      onPointerCancel={() => {
        setDragging(false);
        setBrush(undefined);
      }}
      onPointerLeave={() => {
        setHovered(undefined);
      }}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true">
          {levels.map((level) => (
            <g key={level}>
              <line x1={left} x2={left + inner} y1={y(level)} y2={y(level)} className={css.grid} />
              <text x={left - 6} y={y(level) + 4} textAnchor="end" className={css.text}>
                {formatCompact(level, language)}
              </text>
            </g>
          ))}
          {ticks.at.map((ms) => (
            <text key={ms} x={x(ms)} y={height - 4} textAnchor={x(ms) > left + inner - 24 ? 'end' : 'middle'} className={css.text}>
              {formatAxis(ms, ticks.stepMs / 1_000)}
            </text>
          ))}
          {buckets.map((bucket, i) => {
            const start = inside(x(startOf(i)));
            const end = inside(x(startOf(i) + bucketMs));
            const gap = end - start > 4 ? 1 : 0;
            const height1 = bucket.count > 0 ? Math.max(1.5, top + depth - y(bucket.count)) : 0;
            return (
              <rect
                key={bucket.t}
                x={start}
                width={Math.max(0.6, end - start - gap)}
                y={top + depth - height1}
                height={height1}
                className={css.bar}
                data-chosen={(pointed && i >= pointed.first && i <= pointed.last) || undefined}
              />
            );
          })}
          {span && (
            <rect
              x={inside(x(startOf(span.first)))}
              width={Math.max(1, inside(x(startOf(span.last) + bucketMs)) - inside(x(startOf(span.first))))}
              y={top}
              height={depth}
              className={css.brush}
            />
          )}
        </svg>
      )}
      {told && pointed && (
        <div
          className={css.tip}
          aria-hidden="true"
          style={
            x(startOf(pointed.first)) > width / 2
              ? { right: width - inside(x(startOf(pointed.first))) + 8 }
              : { left: inside(x(startOf(pointed.last) + bucketMs)) + 8 }
          }
        >
          <b>{t('found', { count: told.count, n: told.n })}</b>
          <span className="la-num">{told.from}</span>
          <span className="la-num">{told.to}</span>
          {brush && !dragging && <span>{t('histogram.enter')}</span>}
        </div>
      )}
    </div>
  );
}
