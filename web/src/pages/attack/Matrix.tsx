import { useMediaQuery } from '@mantine/hooks';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { AttackMatrix, AttackTechnique } from '../../api/attackQueries';
import { formatNumber } from '../../lib/format';
import css from './attack.module.css';
import { columnsOf, heatOf, step } from './grid';

interface Props {
  matrix: AttackMatrix;
  heat: 'rules' | 'hits';
  q: string | undefined;
  open: string | undefined;
  onOpen: (id: string) => void;
}

/** The matrix: a table of tactics on a wide screen, a list by tactic on a narrow one. */
export function Matrix({ matrix, heat, q, open, onOpen }: Props) {
  const { t, i18n } = useTranslation(['translation', 'attack']);
  const vi = i18n.language === 'vi';
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const columns = useMemo(() => columnsOf(matrix, q), [matrix, q]);
  const most = useMemo(
    () => Math.max(1, ...matrix.techniques.map((x) => (heat === 'hits' ? x.alerts : x.fed || x.rules))),
    [matrix, heat],
  );
  const [at, setAt] = useState({ column: 0, row: 0 });
  const table = useRef<HTMLTableElement>(null);
  const inReach = columns[at.column]?.cells[at.row] ? at : { column: columns.findIndex((c) => c.cells.length > 0), row: 0 };

  const cell = (x: AttackTechnique, column: number, row: number) => {
    const name = vi ? x.nameVi || x.name : x.name;
    const level = heatOf(x, heat, most);
    return (
      <button
        type="button"
        className={css.cell}
        data-state={level === 0 ? x.state : undefined}
        data-heat={level || undefined}
        data-technique={x.id}
        data-at={`${String(column)}-${String(row)}`}
        style={{ '--heat': heat === 'hits' ? 'var(--la-high-bar)' : 'var(--la-ok-bar)' } as React.CSSProperties}
        aria-current={open === x.id || undefined}
        aria-label={t('attack:cell', {
          id: x.id,
          name,
          state: t(`attack:${x.state}`),
          rules: x.rules,
          alerts: x.alerts,
        })}
        tabIndex={narrow || (inReach.column === column && inReach.row === row) ? 0 : -1}
        onFocus={() => {
          setAt({ column, row });
        }}
        onClick={() => {
          onOpen(x.id);
        }}
      >
        <span className={css.head}>
          <span className="la-mono">{x.id}</span>
          <span className="la-num">
            {x.alerts > 0 && (
              <span className={css.hits}>
                {formatNumber(x.alerts, i18n.language)}
                {' · '}
              </span>
            )}
            {formatNumber(x.rules, i18n.language)}
          </span>
        </span>
        <span className={css.name} lang={vi && x.nameVi ? 'vi' : 'en'}>
          {name}
        </span>
      </button>
    );
  };

  if (narrow) {
    return (
      <div>
        {columns.map((c, i) => (
          <details key={c.tactic.id} className={css.tactic} open={q !== undefined && c.cells.length > 0}>
            <summary>
              {vi ? c.tactic.nameVi : c.tactic.name}
              <span className={css.count}>{t('attack:techniquesOf', { n: c.cells.length })}</span>
            </summary>
            <div className={css.stack}>{c.cells.map((x, row) => <div key={x.id}>{cell(x, i, row)}</div>)}</div>
          </details>
        ))}
      </div>
    );
  }
  const rows = Math.max(0, ...columns.map((c) => c.cells.length));
  return (
    <div className={css.scroll}>
      <table
        ref={table}
        className={css.matrix}
        aria-label={t('attack:matrix')}
        aria-description={t('attack:keys')}
        onKeyDown={(event) => {
          const next = step(columns, inReach, event.key);
          if (!next) return;
          event.preventDefault();
          event.stopPropagation();
          setAt(next);
          table.current?.querySelector<HTMLElement>(`[data-at="${String(next.column)}-${String(next.row)}"]`)?.focus();
        }}
      >
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.tactic.id} scope="col">
                {vi ? c.tactic.nameVi : c.tactic.name}
                <span className={css.count}>{t('attack:techniquesOf', { n: c.cells.length })}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              {columns.map((c, i) => {
                const x = c.cells[row];
                return <td key={c.tactic.id}>{x && cell(x, i, row)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
