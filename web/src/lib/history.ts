// Short lists the browser remembers, newest first.

const kept = 8;

export function pushRecent(list: readonly string[], item: string): string[] {
  return [item, ...list.filter((other) => other !== item)].slice(0, kept);
}

export function readHistory(key: string): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string').slice(0, kept) : [];
  } catch {
    return [];
  }
}

export function writeHistory(key: string, item: string) {
  try {
    localStorage.setItem(key, JSON.stringify(pushRecent(readHistory(key), item)));
  } catch {
    // Without storage nothing is remembered.
  }
}
