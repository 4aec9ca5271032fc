// A table as a file for spreadsheet programs.
import type { Cell, Table } from '../api/types';

// A cell that begins like a formula would be run by whoever opens the file.
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

function field(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** With a byte order mark: without it Vietnamese comes out broken. */
export function tableCsv(columns: Table['columns'], rows: readonly (readonly Cell[])[]): string {
  const lines = [columns.map((column) => field(column.name)), ...rows.map((row) => row.map(field))];
  return `\ufeff${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}
