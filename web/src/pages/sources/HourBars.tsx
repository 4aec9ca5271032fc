import styles from './sources.module.css';

interface Props {
  events: readonly number[];
  expected: readonly number[];
  label: string;
  height?: number;
}

/** Events by hour as bars, the usual amount as a line. */
export function HourBars({ events, expected, label, height = 26 }: Props) {
  const width = 4;
  const top = Math.max(1, ...events, ...expected);
  const y = (n: number) => height - (n / top) * (height - 2);
  const line = expected.map((n, i) => `${String(i * width + width / 2)},${y(n).toFixed(1)}`).join(' ');
  return (
    <svg
      className={styles.bars}
      viewBox={`0 0 ${String(events.length * width)} ${String(height)}`}
      preserveAspectRatio="none"
      style={{ height }}
      role="img"
      aria-label={label}
    >
      {events.map((n, i) => (
        <rect key={i} x={i * width + 0.4} width={width - 0.8} y={y(n)} height={height - y(n)} />
      ))}
      {expected.length > 0 && <polyline points={line} vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}
