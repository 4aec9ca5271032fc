import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Figure, FigureCell, FigureColumn } from '../../api/boardQueries';
import { cellText, isMeasure, writeCell } from '../../lib/figures';
import { collator } from '../../lib/format';
import { isLevel, levels } from '../../lib/levels';
import { LevelBadge } from '../../ui/Badge';
import { Time } from '../../ui/Time';
import { AppLink } from './AppLink';
import css from './boards.module.css';
import { type Language, useHow } from './useHow';

interface Order {
  column: number;
  down: boolean;
}

const rank = (level: string) => -levels.findIndex((l) => l === level);

function compare(a: FigureCell | undefined, b: FigureCell | undefined, column: FigureColumn, language: Language): number {
  if (isMeasure(column.kind)) return (a?.number ?? -Infinity) - (b?.number ?? -Infinity);
  if (column.kind === 'level') return rank(a?.text ?? '') - rank(b?.text ?? '');
  if (column.kind === 'time') return (a?.text ?? '').localeCompare(b?.text ?? '');
  return collator.compare(cellText(a, language), cellText(b, language));
}

/** The table behind a figure: every line opens the list it counts. */
export function FigureTable({ figure, name }: { figure: Figure; name: string }) {
  const { t } = useTranslation('boards');
  const how = useHow();
  const [order, setOrder] = useState<Order>();
  const rows = useMemo(() => {
    const column = order && figure.columns[order.column];
    if (!order || !column) return figure.rows;
    const sorted = [...figure.rows].sort((a, b) => compare(a.cells[order.column], b.cells[order.column], column, how.language));
    return order.down ? sorted.reverse() : sorted;
  }, [figure, order, how.language]);

  const show = (cell: FigureCell | undefined, column: FigureColumn) => {
    if (column.kind === 'level' && isLevel(cell?.text)) return <LevelBadge level={cell.text} />;
    if (column.kind === 'time' && cell?.text) return <Time at={cell.text} />;
    return writeCell(cell, column, how);
  };
  return (
    <div className={css.tableBox} tabIndex={0} role="region" aria-label={name}>
      <table className="la-table">
        <thead>
          <tr>
            {figure.columns.map((column, i) => {
              const sorted = order?.column === i;
              const Arrow = order?.down ? IconArrowDown : IconArrowUp;
              return (
                <th key={column.key} data-number={isMeasure(column.kind) || undefined} aria-sort={sorted ? (order.down ? 'descending' : 'ascending') : undefined}>
                  <UnstyledButton
                    className={css.sort}
                    aria-label={t('figure.sort', { name: column.name[how.language] })}
                    onClick={() => {
                      setOrder({ column: i, down: sorted ? !order.down : isMeasure(column.kind) });
                    }}
                  >
                    {column.name[how.language]}
                    {sorted && <Arrow size={12} aria-hidden="true" />}
                  </UnstyledButton>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {figure.columns.map((column, i) => (
                <td key={column.key} className={isMeasure(column.kind) ? 'la-num' : undefined} data-number={isMeasure(column.kind) || undefined}>
                  {i === 0 && row.link ? <AppLink href={row.link}>{show(row.cells[i], column)}</AppLink> : show(row.cells[i], column)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
