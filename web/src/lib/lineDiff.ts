// What changed between two texts, line by line, by their longest common part.

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** More cells than this are not worked out. */
const maxCells = 4_000_000;

/** The lines of both texts in order, with `around` unchanged ones about each change;
 * undefined where the texts are too long to compare. */
export function lineDiff(before: string, after: string, around = 3): DiffLine[] | undefined {
  const a = before.split('\n');
  const b = after.split('\n');
  if (a.length * b.length > maxCells) return undefined;
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i] ?? '' });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'removed', text: a[i] ?? '' });
      i++;
    } else {
      lines.push({ kind: 'added', text: b[j] ?? '' });
      j++;
    }
  }
  const near = (n: number) => lines.slice(Math.max(0, n - around), n + around + 1).some((line) => line.kind !== 'same');
  return lines.filter((line, n) => line.kind !== 'same' || near(n));
}
