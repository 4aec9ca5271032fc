// Observables as people paste them: one a line, often written so that nobody
// clicks them (hxxp://, [.]), recognised by their shape.
export interface Observable {
  type: string;
  value: string;
}

/** The value without the safe spelling. */
export function refang(text: string): string {
  return text
    .replace(/\[\.\]|\(\.\)|\{\.\}/g, '.')
    .replace(/\[:\/\/\]/g, '://')
    .replace(/\[:\]/g, ':')
    .replace(/\[@\]|\(@\)/g, '@')
    .replace(/^hxxp/i, 'http');
}

/** The value spelt so that it is no link. */
export function defang({ type, value }: Observable): string {
  if (type === 'url') return value.replace(/^http/i, 'hxxp').replaceAll('.', '[.]');
  if (type === 'ipv4-addr' || type === 'domain-name') return value.replaceAll('.', '[.]');
  if (type === 'email-addr') return value.replace('@', '[@]').replaceAll('.', '[.]');
  return value;
}

const byte = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const shapes: readonly [string, RegExp][] = [
  ['url', /^[a-z][a-z0-9+.-]*:\/\/[^\s/]+\S*$/i],
  ['ipv4-addr', new RegExp(`^${byte}(?:\\.${byte}){3}$`)],
  ['ipv6-addr', /^(?=.*:.*:)[0-9a-f:.]+$/i],
  ['email-addr', /^[^@\s]{1,64}@[^@\s]{3,255}$/],
  ['file-hash', /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i],
  ['windows-registry-key', /^(?:HKLM|HKCU|HKU|HKCR|HKEY_[A-Z_]+)\\/i],
  ['file-name', /\.(?:exe|dll|ps1|bat|cmd|vbs|js|jar|scr|lnk|docm?|xlsm?|zip|rar|7z|iso|php|jsp|aspx?|sh|elf|msi)$/i],
  ['domain-name', /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}\.?$/i],
];

/** What a value looks like; "other" where it looks like nothing known. */
export function typeOf(value: string): string {
  return shapes.find(([, shape]) => shape.test(value))?.[0] ?? 'other';
}

const clean = ({ type, value }: Observable) => (['file-hash', 'domain-name', 'email-addr'].includes(type) ? value.toLowerCase() : value);

/** Every line of a pasted text, each value once. */
export function readObservables(text: string): Observable[] {
  const found = new Map<string, Observable>();
  for (const line of text.split(/[\n\t,;]+/)) {
    const value = refang(line.trim().replace(/^["'<]+|["'>]+$/g, ''));
    if (value === '') continue;
    const one = { type: typeOf(value), value };
    found.set(`${one.type} ${clean(one)}`, { ...one, value: clean(one) });
  }
  return [...found.values()];
}
