// Saved views of lists.
import { queryOptions } from '@tanstack/react-query';

import { call } from './client';
import type { components } from './schema.gen';

export type SavedView = components['schemas']['SavedView'];
export type ViewPage = 'systems' | 'assets' | 'dossiers';

export const viewsQuery = (page: ViewPage) =>
  queryOptions({ queryKey: ['views', page], queryFn: ({ signal }) => call<{ items: SavedView[] }>('/views', { query: { page }, signal }) });

export const saveView = (body: { page: ViewPage; name: string; address: string; shared: boolean }) => call<SavedView>('/views', { method: 'POST', body });
export const removeView = (id: string) => call(`/views/${encodeURIComponent(id)}`, { method: 'DELETE' });
