import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import en from './en.json';
import vi from './vi.json';

function flatten(tree: object, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'string') flat.set(prefix + name, value);
    else for (const [key, text] of flatten(value as object, `${prefix}${name}.`)) flat.set(key, text);
  }
  return flat;
}

// English has a plural, Vietnamese has not.
const base = (key: string) => key.replace(/_(one|other)$/, '');
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

// The words of one page have the name of their catalogue before them: "search:table".
const together = (main: object, pages: Record<string, object>) =>
  new Map([...flatten(main), ...Object.entries(pages).flatMap(([name, words]) => [...flatten(words, `${name}:`)])]);
// Every folder here is the catalogue of a page.
const folder = new URL('./', import.meta.url);
const pages = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const wordsOf = (language: 'vi' | 'en') =>
  Object.fromEntries(
    pages.map(({ name }) => [name, JSON.parse(readFileSync(new URL(`${name}/${language}.json`, folder), 'utf8')) as object]),
  );
const vietnamese = together(vi, wordsOf('vi'));
const english = together(en, wordsOf('en'));

describe('the catalogues', () => {
  it('have the same keys', () => {
    const left = new Set([...vietnamese.keys()].map(base));
    const right = new Set([...english.keys()].map(base));
    expect([...left].filter((key) => !right.has(key))).toEqual([]);
    expect([...right].filter((key) => !left.has(key))).toEqual([]);
  });

  it('have both forms wherever English has one', () => {
    for (const key of english.keys()) {
      if (key.endsWith('_one')) expect(english.has(`${base(key)}_other`), key).toBe(true);
    }
  });

  it('use the same placeholders', () => {
    for (const [key, text] of english) {
      const other = vietnamese.get(key) ?? vietnamese.get(base(key)) ?? '';
      expect(placeholders(text), key).toEqual(placeholders(other));
    }
  });

  it('leave nothing empty', () => {
    for (const [key, text] of [...vietnamese, ...english]) expect(text.trim(), key).not.toBe('');
  });
});

describe('the source', () => {
  const root = new URL('../', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'),
  );

  it('names only keys that exist', () => {
    const known = new Set([...vietnamese.keys()].map(base));
    const branches = new Set([...known].flatMap((key) => key.split('.').map((_, i, parts) => parts.slice(0, i).join('.'))));
    const missing: string[] = [];
    for (const file of files) {
      const text = readFileSync(new URL(file, root), 'utf8');
      // The catalogues a file's own names come from: the first of each call.
      const own = [...text.matchAll(/useTranslation\((?:\[?'(\w+)')?/g)].map(([, name]) => (name ?? 'translation'));
      for (const [, name] of text.matchAll(/\bt\(\s*'([^']+)'/g)) {
        // "search:table" names its catalogue.
        const [, catalogue, key = ''] = /^(?:(\w+):)?(.*)$/.exec(name ?? '') ?? [];
        const wanted = (catalogue === undefined ? (own.length > 0 ? own : ['translation']) : [catalogue]).map((c) =>
          c === 'translation' ? key : `${c}:${key}`,
        );
        if (!wanted.some((full) => known.has(full) || branches.has(full))) missing.push(`${file}: ${name ?? ''}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('holds no Vietnamese text outside the catalogues', () => {
    const allowed = new Set(['ui/snippets.ts']);
    // A letter of the alphabet alone (as in a table for folding) is no word.
    const letters = 'ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ';
    const vietnameseWord = new RegExp(`\\p{L}[${letters}]|[${letters}]\\p{L}`, 'iu');
    const found = files.filter((file) => {
      if (allowed.has(file)) return false;
      const code = readFileSync(new URL(file, root), 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\/\/.*$/gm, '');
      return vietnameseWord.test(code);
    });
    expect(found).toEqual([]);
  });
});
