// Official documents, as their pages read and change them.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';

import { call, type Query, url } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type PaperDocument = Schemas['Document'];
export type DocumentDetail = Schemas['DocumentDetail'];
export type DocumentContent = Schemas['Content'];
export type DocumentPreview = Schemas['DocumentPreview'];
export type DocumentTemplates = Schemas['DocumentTemplates'];
export type DocumentTemplate = Schemas['DocumentTemplate'];
export type PaperBlock = Schemas['PaperBlock'];
export type PaperRun = Schemas['Run'];
export type Addressee = Schemas['Addressee'];
export type Letterhead = Schemas['Letterhead'];
export type DocumentVerb = 'submit' | 'return' | 'approve' | 'send' | 'acknowledge' | 'withdraw';
export const documentChannels = ['official-mail', 'document-system', 'portal', 'courier', 'fax', 'phone', 'exercise', 'other'] as const;

interface Page {
  items: PaperDocument[];
  next: string;
}

export const documentPagesQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: ['documents', 'pages', filter],
    queryFn: ({ signal, pageParam }) => call<Page>('/documents', { query: { ...filter, after: pageParam, limit: 50 }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

const path = (id: string) => `/documents/${encodeURIComponent(id)}`;

export const documentQuery = (id: string) => queryOptions({ queryKey: ['documents', 'one', id], queryFn: ({ signal }) => call<DocumentDetail>(path(id), { signal }) });

export const previewQuery = (id: string, version: number) =>
  queryOptions({ queryKey: ['documents', 'preview', id, version], queryFn: ({ signal }) => call<DocumentPreview>(`${path(id)}/preview`, { signal }) });

export const templatesQuery = queryOptions({ queryKey: ['documents', 'templates'], queryFn: ({ signal }) => call<DocumentTemplates>('/document-templates', { signal }) });

/** The Word file that stands in place of a shipped template. */
export const replacing = (templates: DocumentTemplate[], shipped: string) => templates.find((x) => x.own && x.replaces === shipped);

export const templateName = (x: DocumentTemplate, language: string) => (language === 'vi' ? x.vi : x.name);

export const bookQuery = (year: number) => queryOptions({ queryKey: ['documents', 'book', year], queryFn: ({ signal }) => call<Schemas['NumberBook']>('/number-book', { query: { year }, signal }) });

export const addresseesQuery = queryOptions({ queryKey: ['recipients'], queryFn: ({ signal }) => call<{ items: Addressee[] }>('/recipients', { signal }) });

export const letterheadQuery = (unit: string) =>
  queryOptions({ queryKey: ['documents', 'letterhead', unit], queryFn: ({ signal }) => call<Letterhead>(`/document-letterheads/${encodeURIComponent(unit)}`, { signal }) });

export const saveLetterhead = (unit: string, body: Letterhead) => call<undefined>(`/document-letterheads/${encodeURIComponent(unit)}`, { method: 'PUT', body });

export const saveAddressee = (a: Addressee) =>
  call<Addressee>(`/recipients/${encodeURIComponent(a.id)}`, { method: 'PUT', body: { address: a.address, channel: a.channel, contact: a.contact, note: a.note, version: a.version } });

export interface DraftBody {
  template?: string;
  subjectKind?: string;
  subject?: string;
  obligation?: string;
}

export const draftDocument = (body: DraftBody) => call<DocumentDetail>('/documents', { method: 'POST', body });

export const editDocument = (id: string, version: number, content: DocumentContent) => call<DocumentDetail>(path(id), { method: 'PUT', body: { version, content } });

export interface DocumentStepBody {
  verb: DocumentVerb;
  version: number;
  at?: string;
  note?: string;
  channel?: string;
  receiver?: string;
  receipt?: string;
  gaps?: boolean;
}

export const stepDocument = (id: string, body: DocumentStepBody) => call<DocumentDetail>(`${path(id)}/steps`, { method: 'POST', body });

export const fileAddress = (id: string, format: 'docx' | 'pdf') => url(`${path(id)}/file`, { format });

export const uploadTemplate = (id: string, name: string, symbol: string, replaces: string, file: Blob) =>
  call<Schemas['UploadedTemplate']>(`/document-templates/${encodeURIComponent(id)}`, {
    method: 'PUT',
    query: { name, symbol, replaces },
    body: new Blob([file], { type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' }),
  });

export const dropTemplate = (id: string) => call<undefined>(`/document-templates/${encodeURIComponent(id)}`, { method: 'DELETE' });

/** Reads templates again, and the papers of dossiers that are made of them. */
export const templatesChanged = async (client: QueryClient) => {
  void client.invalidateQueries({ queryKey: ['dossiers', 'forms'] });
  await documentsChanged(client);
};

/** Reads documents and the obligations they discharge again after a change. */
export const documentsChanged = async (client: QueryClient) => {
  await client.invalidateQueries({ queryKey: ['documents'] });
  void client.invalidateQueries({ queryKey: ['obligations'] });
};
