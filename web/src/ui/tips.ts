// Short explanations of what is pointed at, focused, or on a touch screen tapped
// or held: any element with data-tip has one. One layer for the whole page, so that
// a list of a thousand times costs no more than one. Stays while the pointer is on
// it; Escape takes it away. A page that scrolls takes it along, and away only from
// a pointer that is then on something else: lists move by themselves as events come.

import type { Tip } from './tipLayer';

const delayMs = 300;
/** A finger that rests this long asks; the browser's own menu comes later. */
const holdMs = 400;
/** What a tap does something else to. */
const acts = 'a,button,input,label,select,textarea,summary,[role="button"],[data-opens]';

let timer: ReturnType<typeof setTimeout> | undefined;
let about: HTMLElement | undefined;
let shown: Tip | undefined;
let pointer: { x: number; y: number } | undefined;

function leave() {
  clearTimeout(timer);
  about = undefined;
  shown?.hide();
  shown = undefined;
}

const tipped = (target: EventTarget | null) => (target instanceof Element ? (target.closest<HTMLElement>('[data-tip]') ?? undefined) : undefined);

/** A button or link that has a time in it says the time's tip; it cannot be focused itself. */
function focused(target: EventTarget | null) {
  if (!(target instanceof Element) || !target.matches(':focus-visible')) return undefined;
  return tipped(target) ?? (target.matches('a,button') ? (target.querySelector<HTMLElement>('time[data-tip]') ?? undefined) : undefined);
}

function come(element: HTMLElement | undefined, afterMs = delayMs) {
  if (!element) return;
  clearTimeout(timer);
  about = element;
  timer = setTimeout(() => {
    void import('./tipLayer').then(({ showTip }) => {
      // Meanwhile it may have been left, or drawn anew.
      if (about !== element) return;
      shown?.hide();
      shown = element.isConnected && element.dataset.tip ? showTip(element, element.dataset.tip) : undefined;
    });
  }, afterMs);
}

function scrolled() {
  if (!about) return;
  const under = pointer && document.elementFromPoint(pointer.x, pointer.y);
  if (about.contains(document.activeElement) || (under && (about.contains(under) || under.closest('.la-tip')))) shown?.place();
  else {
    leave();
    // What came under the resting pointer is pointed at now.
    come(tipped(under ?? null));
  }
}

/** Watches the page; call once. */
export function startTips() {
  document.addEventListener('pointermove', (event) => {
    pointer = event.pointerType === 'touch' ? undefined : { x: event.clientX, y: event.clientY };
  }, { passive: true });
  document.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'touch') return;
    if (event.target instanceof Element && event.target.closest('.la-tip')) return;
    pointer = { x: event.clientX, y: event.clientY };
    const next = tipped(event.target);
    if (next && next === about) return;
    leave();
    come(next);
  });
  document.addEventListener('focusin', (event) => {
    const next = focused(event.target);
    if (!next || next === about) return;
    leave();
    come(next);
  });
  document.addEventListener('pointerdown', (event) => {
    leave();
    if (event.pointerType === 'touch') come(tipped(event.target), holdMs);
  });
  document.addEventListener('pointerup', (event) => {
    if (event.pointerType !== 'touch' || shown) return;
    const element = tipped(event.target);
    if (element && element === about && !element.closest(acts)) come(element, 0);
    else leave();
  });
  // The finger moves the page: a tip that is not there yet does not come.
  document.addEventListener('pointercancel', () => {
    if (!shown) leave();
  });
  document.addEventListener('focusout', (event) => {
    // A tap on a time takes the focus from something else.
    if (about && event.target instanceof Element && (about.contains(event.target) || event.target.contains(about))) leave();
  });
  document.addEventListener('scroll', scrolled, { capture: true, passive: true });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
  });
}
