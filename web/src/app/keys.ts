// Keyboard: single keys and two-key sequences ("g s"), never while typing and
// never behind a dialog.
import { useEffect, useRef } from 'react';

import { type Press, Sequence } from '../lib/keys';

export type Bindings = Record<string, (event: KeyboardEvent) => void>;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  const tag = target.tagName;
  if (tag === 'TEXTAREA' || tag === 'SELECT') return true;
  if (tag !== 'INPUT') return false;
  return !['checkbox', 'radio', 'button'].includes((target as HTMLInputElement).type);
}

function behindDialog(target: EventTarget | null): boolean {
  const dialog = document.querySelector('[role="dialog"][aria-modal="true"]');
  return dialog !== null && !(target instanceof Node && dialog.contains(target) && dialog.hasAttribute('data-keys'));
}

interface Options {
  enabled?: boolean;
  /** Read the press before the page does: for what lies over it. */
  over?: boolean;
}

export function useKeys(bindings: Bindings, { enabled = true, over = false }: Options = {}) {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    if (!enabled) return;
    const sequence = new Sequence();
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented) {
        // Somebody else's press: it ends what was begun here, else "g g" of a list would be half of "g x".
        sequence.forget();
        return;
      }
      if (isTyping(event.target) || behindDialog(event.target)) return;
      // Enter and space belong to the focused control.
      if ((event.key === 'Enter' || event.key === ' ') && event.target instanceof HTMLElement) {
        if (event.target.closest('a,button,[role="button"],[role="tab"],summary')) return;
      }
      const press: Press = { key: event.key, atMs: event.timeStamp };
      const name = sequence.read(press, Object.keys(latest.current));
      const handler = name === undefined ? undefined : latest.current[name];
      if (handler) {
        event.preventDefault();
        handler(event);
      }
    };
    document.addEventListener('keydown', listen, over);
    return () => {
      document.removeEventListener('keydown', listen, over);
    };
  }, [enabled, over]);
}
