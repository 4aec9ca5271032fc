/** What pages keep in their address: plain names and values, so that people can read and write them. */

export const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** A number from 1 up. */
export const whole = (value: unknown) => (/^[1-9]\d{0,8}$/.test(String(value)) ? Number(value) : undefined);

export const yes = (value: unknown) => value === true || value === 'true';

export const parse = (query: string): Record<string, string> => Object.fromEntries(new URLSearchParams(query));

/**
 * An address written out, as a Link takes it. In one piece the unit that stays from page to
 * page would be written behind its last value.
 */
export function linkTo(address: string) {
  const at = address.indexOf('?');
  return at < 0 ? { to: address as '/' } : { to: address.slice(0, at) as '/', search: parse(address.slice(at)) };
}

export function write(values: Record<string, unknown>) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if ((typeof value === 'string' && value !== '') || typeof value === 'number' || value === true) params.set(name, String(value));
  }
  const query = params.toString();
  return query ? `?${query}` : '';
}
