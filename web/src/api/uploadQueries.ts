import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { ApiError, call, unreachable, url } from './client';
import type { components } from './schema.gen';

export type Upload = components['schemas']['Upload'];

interface UploadPage {
  items: Upload[];
  next: string;
  limits: { maxBytes: number; keepHours: number };
}

const pollMs = 1_000;
const restMs = 15_000;
const busy = (upload: Upload) => upload.status === 'waiting' || upload.status === 'running';

export const uploadsQuery = (status: string, unit: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['uploads', status, unit],
    queryFn: ({ pageParam, signal }) => call<UploadPage>('/uploads', { query: { status, unit, before: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: ({ state }) => (state.data?.pages.some((p) => p.items.some(busy)) ? pollMs : restMs),
  });

export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: ['upload', id],
    queryFn: ({ signal }) => call<Upload>(`/uploads/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data && !busy(state.data) ? false : pollMs),
  });

interface Sending {
  file: File;
  unit: string;
  kind: string;
  again: boolean;
  onProgress: (sent: number) => void;
  signal: AbortSignal;
}

/** Sends a file as it is; fetch cannot tell how far it has come. */
export function sendFile({ file, unit, kind, again, onProgress, signal }: Sending): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url('/uploads', { unit, name: file.name, kind, again }));
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    request.upload.onprogress = (event) => {
      onProgress(event.loaded);
    };
    request.onload = () => {
      const body = (request.response ?? {}) as object;
      if (request.status === 201) resolve(body as Upload);
      else reject(new ApiError(request.status, body));
    };
    request.onerror = () => {
      reject(new ApiError(unreachable, { code: 'network.unreachable' }));
    };
    request.onabort = () => {
      reject(new DOMException('stopped', 'AbortError'));
    };
    signal.addEventListener('abort', () => {
      request.abort();
    });
    request.send(file);
  });
}
