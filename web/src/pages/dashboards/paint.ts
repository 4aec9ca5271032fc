// Turns a part of the page into a picture: backgrounds, borders, charts and text,
// line by line as the browser laid them out. Nothing leaves the page for it.
import { fold } from '../../lib/format';

const mostPixels = 32_000_000;

function shape(context: CanvasRenderingContext2D, box: DOMRect, radius: number) {
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, radius);
}

const clear = (colour: string) => colour === 'transparent' || /^rgba\(.*,\s*0\)$/.test(colour);

function box(context: CanvasRenderingContext2D, element: Element, style: CSSStyleDeclaration, at: DOMRect) {
  const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, at.height / 2, at.width / 2);
  if (!clear(style.backgroundColor)) {
    context.fillStyle = style.backgroundColor;
    shape(context, at, radius);
    context.fill();
  }
  const top = parseFloat(style.borderTopWidth);
  const bottom = parseFloat(style.borderBottomWidth);
  if (top > 0 && bottom > 0 && parseFloat(style.borderLeftWidth) > 0 && !clear(style.borderTopColor)) {
    context.strokeStyle = style.borderTopColor;
    context.lineWidth = top;
    shape(context, at, radius);
    context.stroke();
  } else if (bottom > 0 && !clear(style.borderBottomColor)) {
    context.fillStyle = style.borderBottomColor;
    context.fillRect(at.x, at.bottom - bottom, at.width, bottom);
  }
  if (element instanceof HTMLCanvasElement && element.width > 0) context.drawImage(element, at.x, at.y, at.width, at.height);
}

/** Text line by line: each character belongs to the line its own box lies in. */
function words(context: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration, to: (r: DOMRect) => DOMRect) {
  const text = node.data;
  if (!text.trim()) return;
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = 'middle';
  const range = document.createRange();
  let line = '';
  let first: DOMRect | undefined;
  const flush = () => {
    if (first && line.trim()) context.fillText(line.trimEnd(), first.x, first.y + first.height / 2);
    line = '';
    first = undefined;
  };
  for (let i = 0; i < text.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const r = range.getBoundingClientRect();
    if (r.width === 0 && r.height === 0) continue;
    const at = to(r);
    if (first && Math.abs(at.y - first.y) > first.height / 2) flush();
    if (!first) {
      if (/\s/.test(text[i] ?? '')) continue;
      first = at;
    }
    line += text[i] ?? '';
  }
  flush();
}

function paint(context: CanvasRenderingContext2D, element: Element, to: (r: DOMRect) => DOMRect) {
  if (element.hasAttribute('data-unpainted')) return;
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0') return;
  const at = to(element.getBoundingClientRect());
  box(context, element, style, at);
  context.save();
  if (style.overflowX !== 'visible' || style.overflowY !== 'visible') {
    context.beginPath();
    context.rect(at.x, at.y, at.width, at.height);
    context.clip();
  }
  for (const child of element.childNodes) {
    if (child instanceof Text) words(context, child, style, to);
    else if (child instanceof Element) paint(context, child, to);
  }
  context.restore();
}

/** A picture of an element under a line of text, as PNG. */
export async function pictureOf(element: HTMLElement, caption: string): Promise<Blob> {
  await document.fonts.ready;
  const area = element.getBoundingClientRect();
  const pad = 16;
  const head = 34;
  const width = area.width + 2 * pad;
  const height = area.height + 2 * pad + head;
  const scale = Math.min(2, Math.sqrt(mostPixels / (width * height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  const style = getComputedStyle(element);
  const page = getComputedStyle(document.documentElement);
  context.scale(scale, scale);
  context.fillStyle = page.getPropertyValue('--la-card').trim() || '#ffffff';
  context.fillRect(0, 0, width, height);
  context.font = `600 14px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = 'middle';
  context.fillText(caption, pad, pad + head / 2 - 6, width - 2 * pad);
  paint(context, element, (r) => new DOMRect(r.x - area.x + pad, r.y - area.y + pad + head, r.width, r.height));
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('no picture'));
    }, 'image/png');
  });
}

export function download(blob: Blob, name: string) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 10_000);
}

/** A name that every file system takes. */
export const fileName = (text: string) =>
  fold(text)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'lachan';
