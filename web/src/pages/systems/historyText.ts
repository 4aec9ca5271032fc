// Values of the history are kept as text, so that what was written long ago stays
// readable; what is not for people in them is put into words when it is shown.

/** The words of a page for what the history keeps as codes. */
export interface HistoryWords {
  basic: (n: number) => string;
  sensitive: (n: number) => string;
  kind: (kind: 'important' | 'core' | 'secret') => string;
  none: string;
}

const dataForm = /^basic (\d+), sensitive (\d+), important (true|false), core (true|false), secret (true|false)$/;

/** What data a system holds, in words; text of another form as it is. */
export function dataInWords(value: string, words: HistoryWords): string {
  const m = dataForm.exec(value);
  if (!m) return value;
  const [basic, sensitive] = [Number(m[1]), Number(m[2])];
  const kinds = (['important', 'core', 'secret'] as const).filter((_, i) => m[i + 3] === 'true');
  const parts = [...(basic > 0 ? [words.basic(basic)] : []), ...(sensitive > 0 ? [words.sensitive(sensitive)] : []), ...kinds.map(words.kind)];
  return parts.length > 0 ? parts.join('\n') : words.none;
}

/** Days as people in Vietnam read them: 2026-11-30 becomes 30/11/2026. */
export const daysInWords = (value: string) => value.replace(/(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])/g, '$3/$2/$1');
