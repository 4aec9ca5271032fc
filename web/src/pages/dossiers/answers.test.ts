import { describe, expect, it } from 'vitest';

import type { LevelQuestion } from '../../api/dossierQueries';
import { asked, chosen, tidied } from './answers';

const question = (id: string, after = '', of: string[] = [], alone: string[] = []) =>
  ({ id, kind: 'many', after, of, risk: false, article: '', vi: id, en: id, answers: [...of, ...alone, 'a', 'b'].map((name) => ({ id: name, vi: name, en: name, level: 0, article: '', alone: alone.includes(name) })) }) as LevelQuestion;

const criteria = { questions: [question('type'), question('info', 'type', ['internal']), question('harm', 'info', ['secret']), question('central')] };
const names = (answers: Record<string, string[]>) => asked(criteria, answers).map((one) => one.id);

describe('the questions', () => {
  it('are asked as far as the answers lead', () => {
    expect(names({})).toEqual(['type', 'central']);
    expect(names({ type: ['internal'] })).toEqual(['type', 'info', 'central']);
    expect(names({ type: ['internal'], info: ['secret'] })).toEqual(['type', 'info', 'harm', 'central']);
  });

  it('are not asked by an answer that counts no more', () => {
    expect(names({ type: ['other'], info: ['secret'] })).toEqual(['type', 'central']);
    expect(tidied(criteria, { type: ['other'], info: ['secret'], central: [] })).toEqual({ type: ['other'] });
  });
});

describe('an answer that excludes the others', () => {
  const info = question('info', '', [], ['public']);

  it('takes them away, and they it', () => {
    expect(chosen(info, ['a', 'b'], ['a', 'b', 'public'])).toEqual(['public']);
    expect(chosen(info, ['public'], ['public', 'a'])).toEqual(['a']);
    expect(chosen(info, ['a', 'b'], ['a'])).toEqual(['a']);
  });
});
