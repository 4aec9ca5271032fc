import { UnstyledButton } from '@mantine/core';
import { useEffect, useId, useRef, useState } from 'react';

import css from './menu.module.css';

export interface MenuItem {
  id: string;
  name: string;
  icon?: React.ReactNode;
  /** One of several of its group: true is the one chosen. */
  chosen?: boolean;
  run: () => void;
}

interface Props {
  label: string;
  className?: string | undefined;
  tip?: string;
  button: React.ReactNode;
  head?: React.ReactNode;
  groups: readonly { name?: string; items: readonly MenuItem[] }[];
}

/** A button of the frame with a menu under its right edge. Pages take the library's menu. */
export function Menu({ label, className, tip, button, head, groups }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const items = () => [...(root.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
  const close = (back: boolean) => {
    setOpen(false);
    if (back) root.current?.querySelector('button')?.focus();
  };

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('[role^="menuitem"]')?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
    };
  }, [open]);

  const press = (event: React.KeyboardEvent) => {
    if (!open) return;
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') close(event.key === 'Escape');
    else if (to !== undefined) all[to % all.length]?.focus();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={root} className={css.root} onKeyDown={press}>
      <UnstyledButton
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        data-tip={open ? undefined : tip}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {button}
      </UnstyledButton>
      {open && (
        <div id={id} role="menu" aria-label={label} className={css.menu}>
          {head && (
            <div role="presentation" className={css.head}>
              {head}
            </div>
          )}
          {groups.map((group, i) => (
            <div key={group.name ?? i} role="group" aria-label={group.name} className={css.group}>
              {group.name && (
                <div role="presentation" className={css.name}>
                  {group.name}
                </div>
              )}
              {group.items.map((item) => (
                <UnstyledButton
                  key={item.id}
                  role={item.chosen === undefined ? 'menuitem' : 'menuitemradio'}
                  aria-checked={item.chosen}
                  tabIndex={-1}
                  className={css.item}
                  onClick={() => {
                    close(true);
                    item.run();
                  }}
                >
                  {item.icon}
                  <span>{item.name}</span>
                </UnstyledButton>
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
