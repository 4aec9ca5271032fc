// The matrix as columns, and the way the arrow keys go through it.
import type { AttackMatrix, AttackTechnique } from '../../api/attackQueries';
import { fold } from '../../lib/format';

export interface Column {
  tactic: AttackMatrix['tactics'][number];
  cells: AttackTechnique[];
}

/** The techniques of each tactic. Sub-techniques stand in the panel of theirs, and
 * in the matrix only where somebody looks for them. */
export function columnsOf(matrix: AttackMatrix, q: string | undefined): Column[] {
  const want = fold((q ?? '').trim());
  const fits = (x: AttackTechnique) =>
    want === '' ? !x.id.includes('.') : fold(`${x.id} ${x.name} ${x.nameVi}`).includes(want);
  return matrix.tactics.map((tactic) => ({
    tactic,
    cells: matrix.techniques.filter((x) => x.tactics.includes(tactic.shortName) && fits(x)),
  }));
}

/** 0 (no colour of its own) to 4, by the share of the most; small numbers are told apart. */
export function heatOf(x: AttackTechnique, by: 'rules' | 'hits', most: number): 0 | 1 | 2 | 3 | 4 {
  const n = by === 'hits' ? x.alerts : x.state === 'covered' ? x.fed || x.rules : 0;
  if (n <= 0) return 0;
  const share = Math.log1p(n) / Math.log1p(most);
  return share > 0.75 ? 4 : share > 0.5 ? 3 : share > 0.25 ? 2 : 1;
}

export interface Place {
  column: number;
  row: number;
}

/** The cell a key leads to; undefined for keys that are none of the matrix's. */
export function step(columns: readonly Column[], at: Place, key: string): Place | undefined {
  const height = (column: number) => columns[column]?.cells.length ?? 0;
  const within = (column: number): Place => ({ column, row: Math.min(at.row, height(column) - 1) });
  const beside = (way: 1 | -1): Place => {
    for (let c = at.column + way; c >= 0 && c < columns.length; c += way) if (height(c) > 0) return within(c);
    return at;
  };
  switch (key) {
    case 'ArrowRight':
      return beside(1);
    case 'ArrowLeft':
      return beside(-1);
    case 'ArrowDown':
      return { ...at, row: Math.min(at.row + 1, height(at.column) - 1) };
    case 'ArrowUp':
      return { ...at, row: Math.max(at.row - 1, 0) };
    case 'Home':
      return { ...at, row: 0 };
    case 'End':
      return { ...at, row: Math.max(0, height(at.column) - 1) };
    default:
      return undefined;
  }
}
