import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowLeft,
  IconArrowRight,
  IconArrowsDiff,
  IconChevronDown,
  IconSortAscending,
  IconSortDescending,
  IconX,
} from '@tabler/icons-react';
import { type PointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { type Column, hostColumn, kindColumn, moveColumn, rawColumn, resizeColumn, shiftColumn, toggleColumn, widthOf } from '../../lib/columns';
import css from './results.module.css';

interface Props {
  column: Column;
  columns: readonly Column[];
  /** Widths while a border is being dragged are shown, but not kept. */
  onResizing: (columns: readonly Column[] | undefined) => void;
  onColumns: (columns: readonly Column[]) => void;
}

const mime = 'application/x-lachan-column';
const step = 40;

export function useColumnName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) =>
    name === hostColumn ? t('event.host') : name === kindColumn ? t('event.kind') : name === rawColumn ? t('event.message') : name;
}

/** The head of a column: drag it to move it, drag its border to resize it; its menu does both by keyboard. */
export function ColumnHead({ column, columns, onResizing, onColumns }: Props) {
  const { t } = useTranslation('search');
  const columnName = useColumnName();
  const grip = useRef<{ startX: number; width: number }>(undefined);
  const name = columnName(column.name);
  const at = columns.indexOf(column);

  const resized = (event: PointerEvent) =>
    grip.current && resizeColumn(columns, column.name, grip.current.width + event.clientX - grip.current.startX);

  return (
    <div
      role="columnheader"
      className={css.headCell}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(mime, column.name);
        event.dataTransfer.effectAllowed = 'move';
      }}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(mime)) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        onColumns(moveColumn(columns, event.dataTransfer.getData(mime), column.name));
      }}
    >
      <span className="la-clip" title={name}>
        {name}
      </span>
      <Menu position="bottom-start">
        <Menu.Target>
          <ActionIcon size={24} aria-label={t('column.menu', { name })}>
            <IconChevronDown size={13} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconArrowLeft size={15} />}
            disabled={at <= 0}
            onClick={() => {
              onColumns(shiftColumn(columns, column.name, -1));
            }}
          >
            {t('column.left')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowRight size={15} />}
            disabled={at >= columns.length - 1}
            onClick={() => {
              onColumns(shiftColumn(columns, column.name, 1));
            }}
          >
            {t('column.right')}
          </Menu.Item>
          {([step, -step] as const).map((by) => (
            <Menu.Item
              key={by}
              closeMenuOnClick={false}
              leftSection={<IconArrowsDiff size={15} />}
              onClick={() => {
                onColumns(resizeColumn(columns, column.name, widthOf(column) + by));
              }}
            >
              {t(by > 0 ? 'column.wider' : 'column.narrower')}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconX size={15} />}
            onClick={() => {
              onColumns(toggleColumn(columns, column.name));
            }}
          >
            {t('removeColumn')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <span
        className={css.grip}
        aria-hidden="true"
        onPointerDown={(event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          grip.current = { startX: event.clientX, width: event.currentTarget.parentElement?.clientWidth ?? widthOf(column) };
        }}
        onPointerMove={(event) => {
          onResizing(resized(event));
        }}
        onPointerUp={(event) => {
          const next = resized(event);
          grip.current = undefined;
          onResizing(undefined);
          if (next) onColumns(next);
        }}
      />
    </div>
  );
}

/** The head of the time: choosing it turns the order around. */
export function TimeHead({ order, onOrder }: { order: 'asc' | 'desc'; onOrder: () => void }) {
  const { t } = useTranslation(['translation', 'search']);
  return (
    <div role="columnheader" className={css.headCell} aria-sort={order === 'asc' ? 'ascending' : 'descending'}>
      <button type="button" className={css.sort} onClick={onOrder} title={t(`search:order.${order}`)}>
        {t('event.time')}
        {order === 'asc' ? <IconSortAscending size={14} aria-hidden="true" /> : <IconSortDescending size={14} aria-hidden="true" />}
      </button>
    </div>
  );
}
