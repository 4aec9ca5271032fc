// Numbers, sizes and words as the reader's language writes them.

export function formatNumber(n: number, language: string): string {
  return new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
}

/** 12 345 678 -> "12,3 Tr" in Vietnamese, "12.3M" in English. */
export function formatCompact(n: number, language: string): string {
  if (n < 10_000) return formatNumber(n, language);
  return new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    notation: 'compact',
    maximumFractionDigits: 1,
  }).format(n);
}

const sizes = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

export function formatBytes(bytes: number, language: string): string {
  let value = Math.max(0, bytes);
  let step = 0;
  while (value >= 1024 && step < sizes.length - 1) {
    value /= 1024;
    step++;
  }
  return `${formatNumber(step === 0 ? value : Math.round(value * 10) / 10, language)} ${sizes[step] ?? ''}`;
}

/** The coarse distance between two moments: a count and a unit the catalogue names. */
export function distance(fromMs: number, toMs: number): { unit: 'second' | 'minute' | 'hour' | 'day'; count: number } {
  const seconds = Math.max(0, Math.round((toMs - fromMs) / 1_000));
  if (seconds < 60) return { unit: 'second', count: seconds };
  if (seconds < 3_600) return { unit: 'minute', count: Math.floor(seconds / 60) };
  if (seconds < 86_400) return { unit: 'hour', count: Math.floor(seconds / 3_600) };
  return { unit: 'day', count: Math.floor(seconds / 86_400) };
}

/** Folds accents and case so that "dang nhap" finds "Đăng nhập". */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .replace(/đ/g, 'd')
    .replace(/Đ/g, 'D')
    .toLowerCase();
}

export interface Tag {
  kind: 'technique' | 'tactic' | 'other';
  label: string;
}

/** "attack.t1110.001" -> technique T1110.001; "attack.credential-access" -> a tactic. */
export function readTag(tag: string): Tag {
  const technique = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag);
  if (technique?.[1]) return { kind: 'technique', label: technique[1].toUpperCase() };
  const tactic = /^attack\.([a-z][a-z_-]+)$/i.exec(tag);
  if (tactic?.[1]) return { kind: 'tactic', label: tactic[1].replace(/[_-]/g, ' ') };
  return { kind: 'other', label: tag };
}

export function asText(value: string | string[]): string {
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Vietnamese dictionary order: đ after d, accents after plain letters. */
export const collator = new Intl.Collator('vi', { numeric: true, sensitivity: 'variant' });

/** "Nguyễn Văn An" -> "NA": the family name's and the given name's first letters. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = words[0]?.[0] ?? '';
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? '') : '';
  return (first + last).toUpperCase();
}
