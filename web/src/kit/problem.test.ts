import { describe, expect, it } from 'vitest';

import { ApiError } from '../api/client';
import { concerns, problemFields } from './problem';

describe('the fields a refusal is about', () => {
  it('are named without the body, each once', () => {
    const error = new ApiError(422, {
      errors: [{ location: 'body.name' }, { location: 'body.contacts[0].mail' }, { location: 'body.name' }, { location: 'path.id' }, {}],
    });
    expect(problemFields(error)).toEqual(['name', 'contacts[0].mail']);
  });

  it('are none where the failure is another', () => {
    expect(problemFields(new Error('network'))).toEqual([]);
    expect(problemFields(undefined)).toEqual([]);
  });

  it('include the parts of a field', () => {
    expect(concerns('contacts[0].mail', 'contacts')).toBe(true);
    expect(concerns('range.from', 'range')).toBe(true);
    expect(concerns('names', 'name')).toBe(false);
  });
});
