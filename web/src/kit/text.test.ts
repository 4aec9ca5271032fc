import { describe, expect, it } from 'vitest';

import { by, collate, matches, score } from './text';

describe('collate', () => {
  it('orders as a Vietnamese dictionary does', () => {
    const names = ['Đông Hà', 'Dục Mỹ', 'Ân Thi', 'An Nhơn', 'Ăn Lương', 'Ea Kar', 'Đắk Mil'];
    expect([...names].sort(collate)).toEqual(['An Nhơn', 'Ăn Lương', 'Ân Thi', 'Dục Mỹ', 'Đắk Mil', 'Đông Hà', 'Ea Kar']);
  });

  it('counts numbers inside a name', () => {
    expect(['Phường 10', 'Phường 2'].sort(collate)).toEqual(['Phường 2', 'Phường 10']);
  });

  it('orders items by one of their texts', () => {
    expect([{ n: 'Đ' }, { n: 'D' }].sort(by((x) => x.n))).toEqual([{ n: 'D' }, { n: 'Đ' }]);
  });
});

describe('matches', () => {
  it('does not ask for accents, case or đ', () => {
    expect(matches('Sở Nội vụ', 'so noi')).toBe(true);
    expect(matches('Đăng nhập thất bại', 'dang nhap')).toBe(true);
    expect(matches('UBND phường Đông Hà', 'dong phuong')).toBe(true);
  });

  it('takes an accented needle too', () => {
    expect(matches('So Noi vu', 'Sở Nội')).toBe(true);
  });

  it('wants every word', () => {
    expect(matches('Sở Nội vụ', 'so tai chinh')).toBe(false);
  });

  it('lets an empty needle through', () => {
    expect(matches('anything', '  ')).toBe(true);
  });
});

describe('score', () => {
  it('ranks the beginning, words, first letters, the inside', () => {
    expect(score('Cảnh báo', 'canh')).toBe(4);
    expect(score('Tất cả cảnh báo', 'canh b')).toBe(3);
    expect(score('Người dùng', 'nd')).toBe(2);
    expect(score('Nguồn log', 'uon')).toBe(1);
    expect(score('Nguồn log', 'luat')).toBe(0);
  });

  it('lets everything pass where nothing was typed', () => {
    expect(score('Nguồn log', '')).toBe(1);
  });
});
