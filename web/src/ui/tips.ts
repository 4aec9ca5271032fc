// Short explanations of what is pointed at or focused: any element with data-tip
// has one. One layer for the whole page, so that a list of a thousand times costs
// no more than one. Stays while the pointer is on it; Escape takes it away.

const delayMs = 300;

let timer: ReturnType<typeof setTimeout> | undefined;
let hide: (() => void) | undefined;

function leave() {
  clearTimeout(timer);
  hide?.();
  hide = undefined;
}

function come(target: EventTarget | null) {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;
  if (!element) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    void import('./tipLayer').then(({ showTip }) => {
      hide?.();
      hide = element.isConnected && element.dataset.tip ? showTip(element, element.dataset.tip) : undefined;
    });
  }, delayMs);
}

/** Watches the page; call once. */
export function startTips() {
  document.addEventListener('pointerover', (event) => {
    if (event.target instanceof Element && event.target.closest('.la-tip')) return;
    leave();
    come(event.target);
  });
  document.addEventListener('focusin', (event) => {
    leave();
    if (event.target instanceof Element && event.target.matches(':focus-visible')) come(event.target);
  });
  document.addEventListener('pointerdown', leave);
  document.addEventListener('focusout', leave);
  document.addEventListener('scroll', leave, { capture: true, passive: true });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
  });
}
