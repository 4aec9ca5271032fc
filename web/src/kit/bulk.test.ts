import { describe, expect, it } from 'vitest';

import { runBulk } from './bulk';

describe('one thing done to many', () => {
  it('goes on after a failure and says what failed', async () => {
    const refused = new Error('refused');
    const report = await runBulk([1, 2, 3, 4], { run: (n) => (n === 2 ? Promise.reject(refused) : Promise.resolve()) });
    expect(report.done.sort()).toEqual([1, 3, 4]);
    expect(report.failed).toEqual([{ item: 2, error: refused }]);
    expect(report.left).toEqual([]);
  });

  it('counts up to the end', async () => {
    const seen: number[] = [];
    await runBulk(['a', 'b', 'c'], { run: () => Promise.resolve(), onProgress: (n) => seen.push(n) });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('runs no more than a few at the same time', async () => {
    let running = 0;
    let most = 0;
    await runBulk(Array.from({ length: 12 }, (_, i) => i), {
      width: 3,
      run: async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
      },
    });
    expect(most).toBe(3);
  });

  it('begins nothing more when it is stopped', async () => {
    const stop = new AbortController();
    const report = await runBulk([1, 2, 3, 4], {
      width: 1,
      signal: stop.signal,
      run: (n) => {
        if (n === 2) stop.abort();
        return Promise.resolve();
      },
    });
    expect(report.done).toEqual([1, 2]);
    expect(report.left).toEqual([3, 4]);
  });

  it('has nothing to do for nothing', async () => {
    expect(await runBulk([], { run: () => Promise.reject(new Error('never')) })).toEqual({ done: [], failed: [], left: [] });
  });
});
