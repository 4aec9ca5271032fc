import { ActionIcon, Loader } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { LogEvent } from '../../api/types';
import { type Column, rawColumn, widthOf } from '../../lib/columns';
import { columnValue, summary } from '../../lib/events';
import { formatTime, formatUtc } from '../../lib/time';
import { Badge } from '../../ui/Badge';
import { ColumnHead, TimeHead } from './ColumnHead';
import type { Density } from './preferences';
import css from './results.module.css';

export interface ListProps {
  events: LogEvent[];
  active: number;
  loading: boolean;
  onOpen: (index: number) => void;
  onEnd: () => void;
  /** Told whether the reader is at the beginning of the list. */
  onTop: (top: boolean) => void;
  /** Grows when the reader asks to see what is at the beginning. */
  showings: number;
}

interface Props extends ListProps {
  columns: readonly Column[];
  onColumns: (columns: readonly Column[]) => void;
  /** The active row's active column, for the keys that filter. */
  activeColumn: number;
  order: 'asc' | 'desc';
  onOrder: () => void;
  onFilter: (field: string, value: string, negate: boolean) => void;
  openId: string | undefined;
  density: Density;
  /** A small screen: two lines a row, no columns. */
  compact: boolean;
  /** Events that came in while the reader watched. */
  fresh: ReadonlySet<string>;
}

const heights: Record<Density, number> = { dense: 24, normal: 30, tall: 66 };
const timeWidth = 186;

function When({ event }: { event: LogEvent }) {
  return (
    <time dateTime={event.time} data-tip={formatUtc(event.time)} className="la-num">
      {formatTime(event.time, { ms: true })}
    </time>
  );
}

function Hits({ event }: { event: LogEvent }) {
  const { t } = useTranslation('search');
  if (event.rules.length === 0) return null;
  return (
    <span style={{ marginRight: 6 }}>
      <Badge tone="high">{t('hits', { count: event.rules.length })}</Badge>
    </span>
  );
}

function Cell({ event, name, focused, onFilter }: { event: LogEvent; name: string; focused: boolean; onFilter: Props['onFilter'] }) {
  const { t } = useTranslation('search');
  const { text, filter } = columnValue(event, name);
  return (
    <div role="gridcell" className={css.cell} data-column={name} data-focused={focused || undefined}>
      <span className={css.cellText} title={name === rawColumn ? undefined : text}>
        {name === rawColumn && <Hits event={event} />}
        {text}
      </span>
      {filter && text !== '' && (
        // Reachable by the keys f and Shift+F; these are for the pointer.
        <span className={css.cellTools}>
          {([false, true] as const).map((negate) => (
            <ActionIcon
              key={String(negate)}
              size={22}
              variant="default"
              tabIndex={-1}
              aria-label={t(negate ? 'withoutValue' : 'onlyValue', { value: text })}
              onClick={(click) => {
                click.stopPropagation();
                onFilter(filter.field, filter.value, negate);
              }}
            >
              {negate ? <IconMinus size={13} /> : <IconPlus size={13} />}
            </ActionIcon>
          ))}
        </span>
      )}
    </div>
  );
}

const MemoCell = memo(Cell);

export function ResultTable(props: Props) {
  const { events, columns: kept, active, activeColumn, openId, compact, density, loading, fresh } = props;
  const { onOpen, onEnd, onTop, onColumns, onOrder, order } = props;
  const { t } = useTranslation('search');
  const [resizing, setResizing] = useState<readonly Column[]>();
  const columns = resizing ?? kept;
  // Cells are redrawn only when what they show changes, not with every new filter.
  const latestFilter = useRef(props.onFilter);
  useEffect(() => {
    latestFilter.current = props.onFilter;
  });
  const [onFilter] = useState<Props['onFilter']>(() => (field: string, value: string, negate: boolean) => {
    latestFilter.current(field, value, negate);
  });

  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = compact ? 58 : heights[density];
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: compact ? 0 : 34,
  });
  useEffect(() => {
    virtual.measure();
  }, [rowHeight, virtual]);
  useKeptView(scroller, events, rowHeight);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= events.length - 30) onEnd();
    // Asking again only when the last visible row changes keeps one request per page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [last, events.length]);
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active, { align: 'auto' });
  }, [active, virtual]);

  const { showings } = props;
  useEffect(() => {
    if (showings > 0) scroller.current?.scrollTo({ top: 0 });
  }, [showings]);

  const lastColumn = columns.at(-1);
  const template = [
    `${String(timeWidth)}px`,
    // The last column takes what is left.
    ...columns.map((column) => (column === lastColumn ? `minmax(${String(widthOf(column))}px, 1fr)` : `${String(widthOf(column))}px`)),
  ].join(' ');
  const minWidth = timeWidth + columns.reduce((sum, column) => sum + widthOf(column), 0);
  const rowId = (index: number) => `row-${events[index]?.id ?? ''}`;

  return (
    <div
      ref={scroller}
      className={css.scroller}
      role="grid"
      aria-label={t('results')}
      aria-rowcount={-1}
      aria-readonly="true"
      aria-activedescendant={active >= 0 && items.some((item) => item.index === active) ? rowId(active) : undefined}
      tabIndex={0}
      onScroll={(event) => {
        onTop(event.currentTarget.scrollTop < rowHeight / 2);
      }}
    >
      <div role="rowgroup" style={compact ? undefined : { minWidth }} className={compact ? 'la-hidden' : css.head}>
        <div role="row" aria-rowindex={1} className={css.headRow} style={{ gridTemplateColumns: template }}>
          <TimeHead order={order} onOrder={onOrder} />
          {columns.map((column) => (
            <ColumnHead key={column.name} column={column} columns={columns} onResizing={setResizing} onColumns={onColumns} />
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative', minWidth: compact ? undefined : minWidth }}>
        {items.map((item) => {
          const event = events[item.index];
          if (!event) return null;
          const common = {
            id: rowId(item.index),
            role: 'row',
            'aria-rowindex': item.index + 2,
            'aria-selected': event.id === openId,
            'data-active': item.index === active || undefined,
            'data-open': event.id === openId || undefined,
            'data-fresh': fresh.has(event.id) || undefined,
            onClick: () => {
              // Text that was just marked is to be copied, not opened.
              if (window.getSelection()?.isCollapsed !== false) onOpen(item.index);
            },
          };
          const place = { height: rowHeight, transform: `translateY(${String(item.start)}px)` };
          if (compact) {
            return (
              <div key={event.id} {...common} className={css.compactRow} style={place}>
                <div role="gridcell" className="la-dim la-clip">
                  <When event={event} /> · {event.host || event.peer}
                </div>
                <div role="gridcell" className={css.compactRaw}>
                  <Hits event={event} />
                  {summary(event)}
                </div>
              </div>
            );
          }
          return (
            <div key={event.id} {...common} className={css.row} data-density={density} style={{ ...place, gridTemplateColumns: template }}>
              <div role="gridcell" className={css.cell}>
                <When event={event} />
              </div>
              {columns.map((column, i) => (
                <MemoCell
                  key={column.name}
                  event={event}
                  name={column.name}
                  focused={item.index === active && i === activeColumn}
                  onFilter={onFilter}
                />
              ))}
            </div>
          );
        })}
      </div>
      {loading && (
        <div style={{ padding: 10, textAlign: 'center' }}>
          <Loader size="xs" aria-label={t('loadingMore')} />
        </div>
      )}
    </div>
  );
}

/** When events are put before those shown, the reader goes on seeing the same rows. */
function useKeptView(scroller: React.RefObject<HTMLDivElement | null>, events: LogEvent[], rowHeight: number) {
  const first = events[0]?.id;
  const before = useRef(first);
  useEffect(() => {
    const old = before.current;
    before.current = first;
    const element = scroller.current;
    if (!element || old === undefined || old === first || element.scrollTop < rowHeight / 2) return;
    const at = events.findIndex((event) => event.id === old);
    if (at > 0) element.scrollBy(0, at * rowHeight);
  }, [first, events, rowHeight, scroller]);
}
