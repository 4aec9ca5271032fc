/** The last two minutes at a glance; the number beside it says the same in words. */
export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return <div style={{ height: 26 }} />;
  const most = Math.max(1, ...values);
  const width = 120;
  const step = width / (values.length - 1);
  const points = values.map((v, i) => `${(i * step).toFixed(1)},${(24 - (22 * v) / most).toFixed(1)}`);
  return (
    <svg
      viewBox={`0 0 ${String(width)} 26`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      style={{ width: '100%', height: 26, display: 'block' }}
    >
      <polygon points={`0,26 ${points.join(' ')} ${String(width)},26`} fill="var(--la-accent)" opacity="0.14" />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--la-accent)"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
