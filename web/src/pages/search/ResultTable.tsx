import { ActionIcon, Loader } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import {
  columnResizingFeature,
  columnSizingFeature,
  createColumnHelper,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { LogEvent } from '../../api/types';
import { fieldText, summary } from '../../lib/events';
import { formatTime, formatUtc } from '../../lib/time';
import { Badge } from '../../ui/Badge';
import css from './search.module.css';

const features = tableFeatures({ columnSizingFeature, columnResizingFeature });
const helper = createColumnHelper<typeof features, LogEvent>();

interface Props {
  events: LogEvent[];
  columns: string[];
  active: number;
  openId: string | undefined;
  compact: boolean;
  loading: boolean;
  onOpen: (index: number) => void;
  onEnd: () => void;
  onToggleColumn: (name: string) => void;
}

function When({ event }: { event: LogEvent }) {
  return (
    <time dateTime={event.time} title={formatUtc(event.time)} className="la-num">
      {formatTime(event.time, { ms: true })}
    </time>
  );
}

function Hits({ event }: { event: LogEvent }) {
  const { t } = useTranslation();
  if (event.rules.length === 0) return null;
  return (
    <span style={{ marginRight: 6 }}>
      <Badge tone="high">{t('search.hits', { count: event.rules.length })}</Badge>
    </span>
  );
}

export function ResultTable({ events, columns: extra, active, openId, compact, loading, onOpen, onEnd, onToggleColumn }: Props) {
  const { t } = useTranslation();
  const extraKey = extra.join(',');

  const columns = useMemo(
    () =>
      helper.columns([
        helper.display({ id: 'time', size: 186, header: () => t('event.time'), cell: ({ row }) => <When event={row.original} /> }),
        helper.accessor((event) => event.host || event.peer, { id: 'host', size: 132, header: () => t('event.host') }),
        helper.accessor((event) => [event.product, event.service || event.category].filter(Boolean).join('/') || event.format, {
          id: 'kind',
          size: 122,
          header: () => t('event.kind'),
        }),
        ...(extraKey === '' ? [] : extraKey.split(',')).map((name) =>
          helper.accessor((event) => fieldText(event, name), { id: `field:${name}`, size: 160, header: name }),
        ),
        helper.display({
          id: 'raw',
          size: 600,
          header: () => t('event.message'),
          cell: ({ row }) => (
            <>
              <Hits event={row.original} />
              {summary(row.original)}
            </>
          ),
        }),
      ]),
    [extraKey, t],
  );
  const table = useTable({ features, columns, data: events, columnResizeMode: 'onChange', getRowId: (event) => event.id });

  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = compact ? 58 : 29;
  const rows = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  useEffect(() => {
    virtual.measure();
  }, [rowHeight, virtual]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 30) onEnd();
    // Asking again only when the last visible row changes keeps one request per page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [last, rows.length]);
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active, { align: 'auto' });
  }, [active, virtual]);

  const leaf = table.getHeaderGroups()[0]?.headers ?? [];
  const template = leaf.map((h) => (h.column.id === 'raw' ? 'minmax(280px, 1fr)' : `${String(h.getSize())}px`)).join(' ');
  const minWidth = leaf.reduce((sum, h) => sum + (h.column.id === 'raw' ? 280 : h.getSize()), 0);

  return (
    <div ref={scroller} className={css.scroller} role="region" aria-label={t('search.results')} tabIndex={0}>
      <div role="table" aria-rowcount={rows.length + 1} style={compact ? undefined : { minWidth }}>
        {!compact && (
          <div role="row" aria-rowindex={1} className={css.headRow} style={{ gridTemplateColumns: template }}>
            {leaf.map((header) => (
              <div key={header.id} role="columnheader" className={css.headCell}>
                <span className="la-clip">
                  <table.FlexRender header={header} />
                </span>
                {header.column.id.startsWith('field:') && (
                  <ActionIcon
                    size={24}
                    aria-label={t('search.removeColumnOf', { field: header.column.id.slice(6) })}
                    onClick={() => {
                      onToggleColumn(header.column.id.slice(6));
                    }}
                  >
                    <IconX size={12} />
                  </ActionIcon>
                )}
                {header.column.id !== 'raw' && (
                  <span
                    className={css.grip}
                    aria-hidden="true"
                    onMouseDown={header.getResizeHandler()}
                    onTouchStart={header.getResizeHandler()}
                  />
                )}
              </div>
            ))}
          </div>
        )}
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const state = {
              'data-active': item.index === active || undefined,
              'data-open': row.original.id === openId || undefined,
            };
            const common = {
              role: 'row',
              'aria-rowindex': item.index + 2,
              'aria-selected': row.original.id === openId,
              onClick: () => {
                onOpen(item.index);
              },
              ...state,
            };
            const place = { height: rowHeight, transform: `translateY(${String(item.start)}px)` };
            if (compact) {
              return (
                <div key={row.id} {...common} className={css.compactRow} style={place}>
                  <div role="cell" className="la-dim">
                    <When event={row.original} /> · {row.original.host || row.original.peer}
                  </div>
                  <div role="cell" className={css.compactRaw}>
                    <Hits event={row.original} />
                    {summary(row.original)}
                  </div>
                </div>
              );
            }
            return (
              <div key={row.id} {...common} className={css.row} style={{ ...place, gridTemplateColumns: template }}>
                {row.getAllCells().map((cell) => (
                  <div key={cell.id} role="cell" className={css.cell} data-column={cell.column.id}>
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {loading && (
        <div style={{ padding: 10, textAlign: 'center' }}>
          <Loader size="xs" aria-label={t('search.loadingMore')} />
        </div>
      )}
    </div>
  );
}
