import { ActionIcon } from '@mantine/core';
import { IconArrowsDiagonal2, IconGripVertical, IconSettings, IconX } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Figure, Widget, WidgetKind } from '../../api/boardQueries';
import { change, moveBy, moveTo, remove } from '../../lib/boardLayout';
import css from './boards.module.css';
import { useHow } from './useHow';
import { nameOf, WidgetCard } from './WidgetCard';
import { WidgetDialog } from './WidgetDialog';

interface Props {
  widgets: Widget[];
  kinds: ReadonlyMap<string, WidgetKind>;
  figures: ReadonlyMap<string, Figure>;
  onChange: (next: Widget[]) => void;
}

/** The board while it is changed: the mouse drags and the arrow keys do the same. */
export function EditableGrid({ widgets, kinds, figures, onChange }: Props) {
  const { t } = useTranslation('boards');
  const { language } = useHow();
  const grid = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<string>();
  const [settings, setSettings] = useState<string>();
  const [said, setSaid] = useState('');

  const tell = (next: Widget[], widget: Widget, sized: boolean) => {
    const at = next.findIndex((w) => w.id === widget.id);
    const now = next[at];
    if (!now) return;
    const name = nameOf(now, kinds.get(now.kind), language);
    setSaid(sized ? t('edit.sized', { name, w: now.w, h: now.h }) : t('edit.moved', { name, at: at + 1, of: next.length }));
    onChange(next);
  };

  const press = (event: React.KeyboardEvent, widget: Widget) => {
    const arrows: Partial<Record<string, [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (event.key === 'Delete') {
      event.preventDefault();
      onChange(remove(widgets, widget.id));
      return;
    }
    if (!arrow) return;
    event.preventDefault();
    const [x, y] = arrow;
    if (event.shiftKey) tell(change(widgets, widget.id, { w: widget.w + x, h: widget.h + y }), widget, true);
    else tell(moveBy(widgets, widget.id, x + y), widget, false);
  };

  const drag = (event: React.PointerEvent<HTMLElement>, widget: Widget) => {
    if (event.button !== 0) return;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    setDragged(widget.id);
    let place: number | undefined;
    const over = (x: number, y: number) => {
      const cards = [...(grid.current?.querySelectorAll<HTMLElement>('[data-widget]') ?? [])];
      for (const card of cards) {
        const r = card.getBoundingClientRect();
        if (card.dataset.widget === widget.id || x < r.left || x > r.right || y < r.top || y > r.bottom) continue;
        return widgets.findIndex((w) => w.id === card.dataset.widget);
      }
      return undefined;
    };
    const move = (e: PointerEvent) => {
      place = over(e.clientX, e.clientY) ?? place;
      for (const card of grid.current?.querySelectorAll<HTMLElement>('[data-widget]') ?? []) {
        card.toggleAttribute('data-target', place !== undefined && card.dataset.widget === widgets[place]?.id);
      }
    };
    const end = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
      for (const card of grid.current?.querySelectorAll('[data-target]') ?? []) card.removeAttribute('data-target');
      setDragged(undefined);
      if (place !== undefined) tell(moveTo(widgets, widget.id, place), widget, false);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };

  const stretch = (event: React.PointerEvent<HTMLElement>, widget: Widget) => {
    if (event.button !== 0 || !grid.current) return;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const card = handle.closest<HTMLElement>('[data-widget]');
    const from = { x: event.clientX, y: event.clientY };
    const cell = { w: grid.current.clientWidth / 12, h: (card?.getBoundingClientRect().height ?? 150) / widget.h };
    let size = { w: widget.w, h: widget.h };
    const move = (e: PointerEvent) => {
      const next = change([widget], widget.id, { w: widget.w + (e.clientX - from.x) / cell.w, h: widget.h + (e.clientY - from.y) / cell.h })[0];
      if (!next) return;
      size = { w: next.w, h: next.h };
      card?.style.setProperty('--w', String(size.w));
      card?.style.setProperty('--h', String(size.h));
    };
    const end = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
      tell(change(widgets, widget.id, size), widget, true);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };

  const shown = widgets.find((w) => w.id === settings);
  return (
    <>
      <div ref={grid} className={css.grid} data-dragging={dragged !== undefined || undefined}>
        {widgets.map((widget, i) => {
          const kind = kinds.get(widget.kind);
          const name = nameOf(widget, kind, language);
          return (
            <WidgetCard
              key={widget.id}
              widget={widget}
              kind={kind}
              figure={figures.get(widget.id)}
              editing
              before={
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  className={css.grip}
                  data-dragged={dragged === widget.id || undefined}
                  aria-label={t('edit.grip', { name, at: i + 1, of: widgets.length, w: widget.w, h: widget.h })}
                  onPointerDown={(event) => {
                    drag(event, widget);
                  }}
                  onKeyDown={(event) => {
                    press(event, widget);
                  }}
                >
                  <IconGripVertical size={16} />
                </ActionIcon>
              }
              after={
                <>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('edit.change', { name })}
                    onClick={() => {
                      setSettings(widget.id);
                    }}
                  >
                    <IconSettings size={16} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('edit.take', { name })}
                    onClick={() => {
                      onChange(remove(widgets, widget.id));
                    }}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                  <span
                    className={css.corner}
                    data-tip={t('edit.corner', { name })}
                    onPointerDown={(event) => {
                      stretch(event, widget);
                    }}
                  >
                    <IconArrowsDiagonal2 size={14} aria-hidden="true" />
                  </span>
                </>
              }
            />
          );
        })}
      </div>
      <div className="la-hidden" role="status">
        {said}
      </div>
      {shown && (
        <WidgetDialog
          widget={shown}
          kind={kinds.get(shown.kind)}
          onClose={() => {
            setSettings(undefined);
          }}
          onChange={(what) => {
            onChange(change(widgets, shown.id, what));
          }}
        />
      )}
    </>
  );
}
