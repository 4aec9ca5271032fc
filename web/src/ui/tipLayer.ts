const id = 'la-tip';
const gapPx = 6;
const edgePx = 8;

export interface Tip {
  /** Puts it beside its element again, which moved. */
  place: () => void;
  hide: () => void;
}

/** Shows a text beside an element and describes the element by it. */
export function showTip(element: HTMLElement, text: string): Tip {
  const tip = document.createElement('div');
  tip.id = id;
  tip.className = 'la-tip';
  tip.setAttribute('role', 'tooltip');
  tip.textContent = text;
  document.body.append(tip);

  const place = () => {
    const at = element.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const below = at.bottom + gapPx + own.height + edgePx <= window.innerHeight;
    const top = below ? at.bottom + gapPx : Math.max(edgePx, at.top - gapPx - own.height);
    const left = Math.min(Math.max(edgePx, at.left + (at.width - own.width) / 2), window.innerWidth - own.width - edgePx);
    tip.style.top = `${String(Math.round(top))}px`;
    tip.style.left = `${String(Math.round(left))}px`;
  };
  place();

  // What the name says already is not said twice.
  const described = element.getAttribute('aria-label') !== text;
  const before = element.getAttribute('aria-describedby');
  if (described) element.setAttribute('aria-describedby', before ? `${before} ${id}` : id);
  const hide = () => {
    tip.remove();
    if (!described) return;
    if (before === null) element.removeAttribute('aria-describedby');
    else element.setAttribute('aria-describedby', before);
  };
  return { place, hide };
}
