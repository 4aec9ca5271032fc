import { describe, expect, it } from 'vitest';

import { renamed, withoutTask, withTask, wrongLine } from './catalogueText';

const text = `# Of the centre's own making.
id: phishing
vi: Lừa đảo
tasks:
  # The first hour.
  - {id: sample, phase: detect, of: centre, within: 1, vi: Lấy mẫu, en: Sample, checklist: ["Lấy tệp thư"]}
  - {id: block, phase: isolate, of: unit, within: 4, vi: Chặn, en: Block, checklist: []}
`;
const sample = { id: 'sample', phase: 'detect', of: 'centre', within: 2, vi: 'Lấy mẫu', en: 'Sample', checklist: ['Lấy tệp thư'] };

describe('a playbook as text', () => {
  it('has one field changed, and nothing else', () => {
    expect(withTask(text, sample)).toBe(text.replace('within: 1', 'within: 2').replace('["Lấy tệp thư"]', '[ "Lấy tệp thư" ]').replaceAll('{id', '{ id').replaceAll(']}', '] }'));
  });
  it('takes another task at its end', () => {
    const lines = withTask(text, { ...sample, id: 'warn', vi: 'Cảnh báo' }).trimEnd().split('\n');
    expect(lines.at(-1)).toContain('id: warn');
    expect(lines.at(-1)).toContain('Cảnh báo');
    expect(lines[0]).toBe("# Of the centre's own making.");
  });
  it('loses a retired task', () => {
    const after = withoutTask(text, 'block');
    expect(after).not.toContain('block');
    expect(after).toContain('sample');
  });
  it('is copied under another id, not as the default', () => {
    expect(renamed('id: vn\ndefault: true\nvi: x\n', 'tinh')).toBe('id: tinh\nvi: x\n');
  });
});

describe('what the server found wrong', () => {
  it('names its line', () => {
    expect(wrongLine('playbook x, line 12, tasks.2.phase: no such phase')).toBe(12);
    expect(wrongLine('playbook x: the text is empty')).toBeUndefined();
  });
});
