// Where the palette looks for what somebody types. A module with objects people
// name adds a line: who may ask, and how a text becomes links.
import type { QueryClient } from '@tanstack/react-query';

import { call } from '../api/client';
import type { Incident } from '../api/incidentQueries';
import type { DutyList, ObligationList } from '../api/obligationQueries';
import { unitsQuery } from '../api/queries';
import type { components } from '../api/schema.gen';
import { savedListQuery } from '../api/searchQueries';
import type { Alert, RuleList, Source } from '../api/types';
import { score } from '../kit/text';
import { paramsOf } from '../lib/savedSearch';
import type { Action } from './nav';

export interface Found {
  /** The address in the console, with its whole state. */
  to: string;
  name: string;
  /** What tells it from others of the same name. */
  detail?: string;
}

export interface Asking {
  text: string;
  language: string;
  signal: AbortSignal;
  client: QueryClient;
}

export interface Finder {
  name: 'alerts' | 'incidents' | 'obligations' | 'duties' | 'documents' | 'dossiers' | 'systems' | 'warnings' | 'copies' | 'rules' | 'units' | 'sources' | 'saved';
  action: Action;
  find: (asking: Asking) => Promise<Found[]>;
}

const most = 5;

const best = <T>(items: readonly T[], text: (item: T) => string, needle: string) =>
  items
    .map((item) => ({ item, points: score(text(item), needle) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, most)
    .map(({ item }) => item);

const address = (path: string, query: Record<string, string>) => `${path}?${new URLSearchParams(query).toString()}`;

export const finders: readonly Finder[] = [
  {
    name: 'alerts',
    action: 'alert.read',
    find: async ({ text, language, signal }) => {
      const { items } = await call<{ items: Alert[] }>('/alerts', { query: { q: text, limit: most, sort: '-lastSeen' }, signal });
      return items.map((alert) => ({
        to: `/alerts/${encodeURIComponent(alert.id)}`,
        name: (language === 'vi' && alert.titleVi) || alert.title,
        detail: [alert.entityValue, alert.unitName || alert.unit].filter(Boolean).join(' · '),
      }));
    },
  },
  {
    name: 'incidents',
    action: 'incident.read',
    find: async ({ text, signal }) => {
      const { items } = await call<{ items: Incident[] }>('/incidents', { query: { q: text, status: 'any', limit: most }, signal });
      return items.map((one) => ({ to: `/incidents/${encodeURIComponent(one.id)}`, name: `${one.code} ${one.title}`, detail: one.unitName || one.unit }));
    },
  },
  {
    name: 'obligations',
    action: 'obligation.read',
    find: async ({ text, language, signal }) => {
      const { items } = await call<ObligationList>('/obligations', { query: { q: text, limit: most }, signal });
      return items.map((one) => ({
        to: address('/obligations', { view: 'any', q: one.subject.code || text, id: one.id }),
        name: language === 'vi' ? one.titleVi : one.title,
        detail: [one.subject.code, one.unitName || one.unit].filter(Boolean).join(' · '),
      }));
    },
  },
  {
    name: 'duties',
    action: 'obligation.read',
    find: async ({ text, language, client }) => {
      const { items } = await client.ensureQueryData({ queryKey: ['duties'], queryFn: () => call<DutyList>('/duties') });
      return best(items, (one) => `${one.vi} ${one.en} ${one.basis.text} ${one.basis.article}`, text).map((one) => ({
        to: address('/obligations', { tab: 'duties', id: one.id }),
        name: language === 'vi' ? one.vi : one.en || one.vi,
        detail: [one.basis.text, one.basis.article].filter(Boolean).join(', '),
      }));
    },
  },
  {
    name: 'documents',
    action: 'document.read',
    find: async ({ text, signal }) => {
      const { items } = await call<{ items: components['schemas']['Document'][] }>('/documents', { query: { q: text, limit: most }, signal });
      return items.map((one) => ({
        to: `/documents/${encodeURIComponent(one.id)}`,
        name: one.title,
        detail: [one.code, one.issuerName].filter(Boolean).join(' · '),
      }));
    },
  },
  {
    name: 'dossiers',
    action: 'dossier.read',
    find: async ({ text, signal }) => {
      const { items } = await call<{ items: components['schemas']['Dossier'][] }>('/dossiers', { query: { text, limit: most }, signal });
      return items.map((one) => ({ to: `/dossiers/${encodeURIComponent(one.id)}`, name: `${one.code} ${one.systemName}`, detail: one.unitName }));
    },
  },
  {
    name: 'systems',
    action: 'system.read',
    find: async ({ text, signal }) => {
      const { items } = await call<{ items: components['schemas']['SystemLine'][] }>('/systems', { query: { q: text, limit: most }, signal });
      return items.map((one) => ({ to: `/systems/${encodeURIComponent(one.id)}`, name: one.name, detail: [one.code, one.unitName].filter(Boolean).join(' · ') }));
    },
  },
  {
    name: 'warnings',
    action: 'warning.oversee',
    find: async ({ text, signal }) => {
      const { items } = await call<{ items: components['schemas']['Warning'][] }>('/warnings', { query: { q: text, limit: most }, signal });
      return items.map((one) => ({ to: `/warnings/${encodeURIComponent(one.id)}`, name: one.title, detail: one.code }));
    },
  },
  {
    name: 'copies',
    action: 'warning.read',
    find: async ({ text, signal }) => {
      const { items } = await call<{ items: components['schemas']['WarningCopy'][] }>('/warnings/mine', { query: { limit: 100 }, signal });
      return best(items, (one) => `${one.code} ${one.title}`, text).map((one) => ({
        to: `/warnings/${encodeURIComponent(one.warning)}/${encodeURIComponent(one.unit)}`,
        name: one.title,
        detail: [one.code, one.unitName].filter(Boolean).join(' · '),
      }));
    },
  },
  {
    name: 'rules',
    action: 'rule.read',
    find: async ({ text, language, signal }) => {
      const { items } = await call<RuleList>('/rules', { query: { q: text, limit: most }, signal });
      return items.map((rule) => ({
        to: `/rules/${encodeURIComponent(rule.id)}`,
        name: (language === 'vi' && rule.titleVi) || rule.title,
        detail: rule.pack,
      }));
    },
  },
  {
    name: 'units',
    action: 'unit.read',
    find: async ({ text, client }) => {
      const { items } = await client.ensureQueryData(unitsQuery);
      return best(items, (unit) => `${unit.name} ${unit.id}`, text).map((unit) => ({
        to: address('/units', { id: unit.id }),
        name: unit.name,
        detail: unit.id,
      }));
    },
  },
  {
    name: 'sources',
    action: 'source.read',
    find: async ({ text, signal }) => {
      const { items } = await call<{ items: Source[] }>('/sources', { query: { q: text }, signal });
      return items.slice(0, most).map((source) => ({
        to: address('/sources', { id: source.id }),
        name: source.host || source.peer,
        detail: [source.unit, source.input, source.format].filter(Boolean).join(' · '),
      }));
    },
  },
  {
    name: 'saved',
    action: 'event.read',
    find: async ({ text, client }) => {
      const { items } = await client.ensureQueryData(savedListQuery);
      return best(items, (saved) => `${saved.name} ${saved.description}`, text).map((saved) => ({
        to: address('/search', paramsOf(saved) as Record<string, string>),
        name: saved.name,
        detail: saved.query,
      }));
    },
  },
];
