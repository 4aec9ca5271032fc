// Reading events: one value by name, and the JSON form people copy.
import type { LogEvent } from '../api/types';
import { hostColumn, kindColumn, rawColumn } from './columns';
import { asText } from './format';

const core = ['unit', 'host', 'input', 'peer', 'format', 'product', 'category', 'service', 'id', 'received'] as const;

/** The value of a field; the event's own properties where it has no such field. */
export function fieldText(event: LogEvent, name: string): string {
  const value = event.fields[name];
  if (value !== undefined) return asText(value);
  const own = core.find((c) => c === name || `_${c}` === name);
  return own ? event[own] : '';
}

/** Fields as the log had them, each with its values. */
export function fieldEntries(event: LogEvent): [string, string[]][] {
  return Object.entries(event.fields).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]);
}

/** What stands in a column, and which value a filter on it would take. */
export interface ColumnValue {
  text: string;
  filter?: { field: string; value: string };
}

export function columnValue(event: LogEvent, name: string): ColumnValue {
  switch (name) {
    case hostColumn:
      return event.host !== ''
        ? { text: event.host, filter: { field: '_host', value: event.host } }
        : { text: event.peer, filter: { field: '_peer', value: event.peer } };
    case kindColumn: {
      const text = [event.product, event.service || event.category].filter(Boolean).join('/') || event.format;
      const field = event.product !== '' ? 'product' : event.service !== '' ? 'service' : event.category !== '' ? 'category' : 'format';
      return { text, filter: { field: `_${field}`, value: event[field] } };
    }
    case rawColumn:
      return { text: summary(event) };
    default: {
      const value = event.fields[name];
      const text = fieldText(event, name);
      const first = Array.isArray(value) ? value[0] : text;
      return value === undefined && text === '' ? { text } : { text, filter: { field: name, value: first ?? '' } };
    }
  }
}

export function eventJson(event: LogEvent): string {
  return JSON.stringify(event, null, 2);
}

/** One line that says most: the message without its envelope, else the record as received. */
export function summary(event: LogEvent): string {
  const message = event.fields['message'];
  return typeof message === 'string' && message !== '' ? message : event.raw;
}
