import { types } from '../systems/facts';

/** Why a level is called for; the type a system became stands first in it, as its id. */
export function callReason(reason: string, name: (type: (typeof types)[number]) => string): string {
  const type = types.find((id) => reason === id || reason.startsWith(`${id} `) || reason.startsWith(`${id};`));
  if (type === undefined) return reason;
  const rest = reason.slice(type.length);
  return name(type) + (rest.startsWith(' ') ? ':' : '') + rest;
}
