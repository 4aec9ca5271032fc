import { describe, expect, it } from 'vitest';

import { placeOf } from './places';

describe('where a message leads', () => {
  it('goes to what it is about', () => {
    expect(placeOf('call-up:c1')).toEqual({ to: '/response', search: { tab: 'calls', id: 'c1' } });
    expect(placeOf('ask:a1')).toEqual({ to: '/response', search: { tab: 'asks', id: 'a1' } });
    expect(placeOf('handover:h1')).toEqual({ to: '/response', search: { tab: 'asks', id: 'h1' } });
    expect(placeOf('incident:i1')).toEqual({ to: '/incidents/i1' });
    expect(placeOf('warning:w1/so-y-te')).toEqual({ to: '/warnings/w1/so-y-te' });
  });
  it('goes nowhere for what has no page', () => {
    for (const object of ['', 'x', 'x:1', 'alert:']) expect(placeOf(object)).toBeUndefined();
  });
});
