// Reading events: one value by name, and the JSON form people copy.
import type { LogEvent } from '../api/types';
import { asText } from './format';

const core = ['unit', 'host', 'input', 'peer', 'format', 'product', 'category', 'service', 'id', 'received'] as const;

/** The value of a field; the event's own properties where it has no such field. */
export function fieldText(event: LogEvent, name: string): string {
  const value = event.fields[name];
  if (value !== undefined) return asText(value);
  const own = core.find((c) => c === name || `_${c}` === name);
  return own ? event[own] : '';
}

/** Fields in the order people look for: as the log had them. */
export function fieldEntries(event: LogEvent): [string, string][] {
  return Object.entries(event.fields).map(([name, value]) => [name, asText(value)]);
}

export function eventJson(event: LogEvent): string {
  return JSON.stringify(event, null, 2);
}

/** One line that says most: the message without its envelope, else the record as received. */
export function summary(event: LogEvent): string {
  const message = event.fields['message'];
  return typeof message === 'string' && message !== '' ? message : event.raw;
}
