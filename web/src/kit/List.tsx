import '../i18n/kit';

import { Button, Checkbox, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconFilterOff } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { Fragment, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { EmptyState, ErrorState, Rows } from '../ui/State';
import { useActions } from './actions';
import { type BulkAction, BulkBar } from './BulkBar';
import { type Column, nextSort, sorted, sortOf } from './columns';
import { TimeFocus } from './DateTime';
import css from './kit.module.css';
import { all, extend, kept, nothing, toggle } from './selection';
import { SidePanel, useWide } from './SidePanel';

export type { BulkAction } from './BulkBar';
export type { Column } from './columns';

export interface ListProps<T> {
  /** What the list holds, for those who hear the page: "Nguồn log". */
  label: string;
  items: readonly T[];
  id: (item: T) => string;
  name: (item: T) => string;
  columns: readonly Column<T>[];
  /** How the items are coming: a query, or what looks like one. */
  query: { isPending: boolean; error: unknown; refetch: () => unknown };
  /** The filters above the list. One FilterText among them takes the key "/". */
  filters?: React.ReactNode;
  /** True while a filter narrows the list; onClear takes all of them away. */
  filtered?: boolean;
  onClear?: () => void;
  /** What is shown where there is nothing at all: an EmptyState that teaches. */
  empty: React.ReactNode;
  /** The order, as the address keeps it: "name", "-lastSeen". */
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  /** Which row is open beside the list; the address keeps it. */
  open?: string | undefined;
  onOpen?: (id: string | undefined) => void;
  /** The name of what is open, where the list may not hold it: it was filtered away, or a link led to it. */
  openName?: string | undefined;
  /** The preview of a row. */
  panel?: (id: string) => React.ReactNode;
  /** Buttons at the head of the preview. */
  panelTools?: (id: string) => React.ReactNode;
  /** The address of a row's own page. */
  page?: (item: T) => string;
  bulk?: readonly BulkAction<T>[];
  /** The colour at the row's edge: a level, for what has one. */
  tone?: (item: T) => string | undefined;
  /** Rows that follow each other and share a group stand under its head. */
  group?: (item: T) => { id: string; head: React.ReactNode };
  /** The next part of a list that comes in parts. */
  more?: { has: boolean; loading: boolean; load: () => unknown };
}

const controls = 'a,button,input,label,select,textarea,[role="button"]';

/**
 * A list as every page has it: filters above, rows that the keyboard walks
 * (j, k, x, Shift-x, Enter, o, Esc), what is done with many, and a row's
 * preview beside it.
 */
export function List<T>(props: ListProps<T>) {
  const { label, id, name, columns, query, filters, filtered = false, empty, sort, onSort, open, onOpen, panel, page, bulk = [], more } = props;
  const { t } = useTranslation(['translation', 'kit']);
  const navigate = useNavigate();
  const wide = useWide();
  const items = useMemo(() => sorted(props.items, columns, sort), [props.items, columns, sort]);
  const order = useMemo(() => items.map(id), [items, id]);
  const [chosen, setChosen] = useState(nothing);
  const [active, setActive] = useState(open);
  const [place, setPlace] = useState(-1);
  const root = useRef<HTMLDivElement>(null);
  const panelElement = useRef<HTMLElement>(null);

  const selection = kept(chosen, order);
  const selected = items.filter((item) => selection.ids.has(id(item)));
  const found = active === undefined ? -1 : order.indexOf(active);
  // Where the row in hand has left the list, the hand stays at its place: the next row has come there.
  // But as long as that row is still open beside the list, nothing else is in hand.
  const left = found < 0 && place >= 0;
  const at = left && open === undefined ? Math.min(place, order.length - 1) : found;
  const next = left && at < 0 ? place : at + 1;
  const current = items[at];
  const shown = open === undefined ? undefined : items.find((item) => id(item) === open);
  const opens = panel !== undefined && onOpen !== undefined;

  const rowOf = (rowId: string) => root.current?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(rowId)}"]`);
  const take = (rowId: string) => {
    setActive(rowId);
    setPlace(Math.max(0, order.indexOf(rowId)));
  };
  const hold = (index: number) => {
    const rowId = order[Math.max(0, Math.min(order.length - 1, index))];
    if (rowId === undefined) return;
    take(rowId);
    const row = rowOf(rowId);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
    if (open !== undefined && wide) onOpen?.(rowId);
  };
  const show = (item: T) => {
    take(id(item));
    if (opens && (wide || !page)) onOpen(id(item));
    else if (page) void navigate({ href: page(item) });
  };
  const leave = () => {
    if (open !== undefined) {
      onOpen?.(undefined);
      rowOf(open)?.focus();
    } else setChosen(nothing);
  };

  const has = items.length > 0;
  useActions([
    { id: 'list down', name: t('kit:key.down'), key: 'j', keyOnly: true, off: !has, run: () => { hold(next); } },
    { id: 'list up', name: t('kit:key.up'), key: 'k', keyOnly: true, off: !has, run: () => { hold(left && at < 0 ? place - 1 : at - 1); } },
    { id: 'list top', name: t('kit:key.top'), key: 'g g', keyOnly: true, off: !has, run: () => { hold(0); } },
    { id: 'list end', name: t('kit:key.end'), key: 'G', keyOnly: true, off: !has, run: () => { hold(order.length - 1); } },
    ...(opens || page
      ? [
          {
            id: 'list open',
            name: t('kit:key.open'),
            key: 'Enter',
            keyOnly: true,
            off: !has,
            run: () => {
              if (!current) hold(0);
              else if (open === id(current)) panelElement.current?.focus();
              else show(current);
            },
          },
        ]
      : []),
    ...(page
      ? [
          {
            id: 'list page',
            name: t('kit:key.page'),
            key: 'o',
            keyOnly: true,
            off: !current,
            run: () => {
              if (current) void navigate({ href: page(current) });
            },
          },
        ]
      : []),
    ...(bulk.length > 0
      ? [
          {
            id: 'list select',
            name: t('kit:key.select'),
            key: 'x',
            keyOnly: true,
            off: !has,
            run: () => {
              if (current) setChosen(toggle(selection, id(current)));
            },
          },
          {
            id: 'list range',
            name: t('kit:key.range'),
            key: 'X',
            keyOnly: true,
            off: !has,
            run: () => {
              if (current) setChosen(extend(selection, order, id(current)));
            },
          },
        ]
      : []),
    { id: 'list leave', name: t('kit:key.leave'), key: 'Escape', keyOnly: true, run: leave },
    {
      id: 'list filter',
      name: t('kit:key.filter'),
      key: '/',
      keyOnly: true,
      off: filters === undefined,
      run: () => root.current?.querySelector<HTMLElement>('[data-list-filter]')?.focus(),
    },
    { id: 'list refresh', name: t('kit:key.refresh'), key: 'u', run: () => void query.refetch() },
  ]);

  const asked = sortOf(sort);
  const tabStop = current ? at : 0;
  const width = columns.length + (bulk.length > 0 ? 1 : 0);
  const openName = shown ? name(shown) : (props.openName ?? label);
  return (
    <div ref={root} className={css.split} data-panel={(opens && open !== undefined && wide) || undefined}>
      <section className={`la-card ${css.list ?? ''}`} aria-label={label}>
        {filters !== undefined && <div className={css.filters}>{filters}</div>}
        {bulk.length > 0 && (
          <BulkBar
            selected={selected}
            current={current}
            actions={bulk}
            name={name}
            onClear={() => {
              setChosen(nothing);
            }}
            onDone={() => void query.refetch()}
          />
        )}
        {query.error !== null && query.error !== undefined && !has && (
          <div className={css.problem}>
            <ErrorState error={query.error} retry={() => void query.refetch()} />
          </div>
        )}
        {query.isPending && <Rows count={8} />}
        {!query.isPending && !query.error && !has && (filtered ? <NoMatch onClear={props.onClear} /> : empty)}
        {has && (
          <div className={css.scroll} role="group" aria-label={label}>
            <table className={css.table}>
              <thead>
                <tr>
                  {bulk.length > 0 && (
                    <th className={css.check}>
                      <Checkbox
                        size="xs"
                        aria-label={t('kit:list.selectAll')}
                        checked={selected.length === items.length}
                        indeterminate={selected.length > 0 && selected.length < items.length}
                        onChange={(event) => {
                          setChosen(event.currentTarget.checked ? all(order) : nothing);
                        }}
                      />
                    </th>
                  )}
                  {columns.map((column) => {
                    const order = asked?.id === column.id ? (asked.descending ? 'descending' : 'ascending') : undefined;
                    return (
                      <th key={column.id} data-number={column.number || undefined} data-from={column.from} aria-sort={order} scope="col">
                        {onSort && (column.compare || column.sortable) ? (
                          <UnstyledButton
                            className={css.sort}
                            onClick={() => {
                              onSort(nextSort(column, sort));
                            }}
                            data-tip={t('kit:list.sortBy', { name: column.name })}
                          >
                            {column.name}
                            {order === 'ascending' && <IconArrowUp size={13} aria-hidden="true" />}
                            {order === 'descending' && <IconArrowDown size={13} aria-hidden="true" />}
                          </UnstyledButton>
                        ) : (
                          <span className={column.hiddenName ? 'la-hidden' : undefined}>{column.name}</span>
                        )}
                      </th>
                    );
                  })}
                </tr>
              </thead>
              <tbody>
                {items.map((item, index) => {
                  const rowId = id(item);
                  const tab = index === tabStop ? 0 : -1;
                  const group = props.group?.(item);
                  const before = index > 0 ? items[index - 1] : undefined;
                  const begins = group && (before === undefined || props.group?.(before).id !== group.id);
                  const tone = props.tone?.(item);
                  return (
                    <Fragment key={rowId}>
                      {begins && (
                        <tr className={css.groupRow}>
                          <th colSpan={width} scope="rowgroup">
                            {group.head}
                          </th>
                        </tr>
                      )}
                      <tr
                        data-id={rowId}
                        tabIndex={tab}
                        data-active={index === at || undefined}
                        data-open={rowId === open || undefined}
                        data-selected={selection.ids.has(rowId) || undefined}
                        data-opens={opens || page ? true : undefined}
                        aria-current={rowId === open || undefined}
                        style={tone === undefined ? undefined : ({ '--bar': `var(--la-${tone}-bar)` } as React.CSSProperties)}
                        onFocus={() => {
                          take(rowId);
                        }}
                        onClick={(event) => {
                          if (event.target instanceof Element && event.target.closest(controls)) return;
                          // Text dragged over to be copied is no wish to open.
                          if (window.getSelection()?.isCollapsed === false) return;
                          show(item);
                        }}
                      >
                        {bulk.length > 0 && (
                          <td className={css.check}>
                            <Checkbox
                              size="xs"
                              tabIndex={tab}
                              aria-label={t('kit:list.select', { name: name(item) })}
                              checked={selection.ids.has(rowId)}
                              onChange={(event) => {
                                const shift = (event.nativeEvent as MouseEvent).shiftKey;
                                setChosen(shift ? extend(selection, order, rowId) : toggle(selection, rowId));
                              }}
                            />
                          </td>
                        )}
                        <TimeFocus value={tab === 0}>
                          {columns.map((column) => (
                            <td
                              key={column.id}
                              data-number={column.number || undefined}
                              data-from={column.from}
                              data-main={column.main || undefined}
                              data-label={column.main || column.hiddenName ? undefined : column.name}
                            >
                              <div className={css.cell}>
                                {column.main && (opens || page) ? (
                                  <RowLink
                                    href={page?.(item)}
                                    tab={tab}
                                    onOpen={() => {
                                      show(item);
                                    }}
                                  >
                                    {column.cell(item)}
                                  </RowLink>
                                ) : (
                                  column.cell(item)
                                )}
                                {column.under && <div>{column.under(item)}</div>}
                              </div>
                            </td>
                          ))}
                        </TimeFocus>
                      </tr>
                    </Fragment>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
        {more?.has && (
          <Button variant="subtle" fullWidth loading={more.loading} onClick={() => void more.load()} className={css.more}>
            {t('kit:list.more')}
          </Button>
        )}
        <span className="la-hidden" role="status">
          {query.isPending ? t('kit:list.loading') : t('kit:list.shown', { count: items.length })}
        </span>
      </section>
      {opens && open !== undefined && (
        <SidePanel
          key={wide ? 'beside' : 'over'}
          ref={panelElement}
          title={openName}
          onClose={leave}
          page={shown && page?.(shown)}
          tools={props.panelTools?.(open)}
        >
          {panel(open)}
        </SidePanel>
      )}
    </div>
  );
}

interface RowLinkProps {
  href: string | undefined;
  tab: number;
  onOpen: () => void;
  children: React.ReactNode;
}

/** The name of a row: a press opens the preview, with Ctrl or the middle button the page. */
function RowLink({ href, tab, onOpen, children }: RowLinkProps) {
  if (href === undefined) {
    return (
      <UnstyledButton className={css.rowLink} tabIndex={tab} onClick={onOpen}>
        {children}
      </UnstyledButton>
    );
  }
  return (
    <Link
      to={href as '/'}
      tabIndex={tab}
      className={css.rowLink}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onOpen();
      }}
    >
      {children}
    </Link>
  );
}

function NoMatch({ onClear }: { onClear: (() => void) | undefined }) {
  const { t } = useTranslation('kit');
  return (
    <EmptyState icon={<IconFilterOff size={32} />} title={t('list.noMatch')} text={t('list.noMatchText')}>
      {onClear && (
        <Button variant="default" mx="auto" onClick={onClear}>
          {t('list.clear')}
        </Button>
      )}
    </EmptyState>
  );
}
