// One way to call the server: JSON in and out, problems as ApiError, and a
// signal when the session has ended.

export interface ProblemDetail {
  location?: string;
  message?: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: ProblemDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    body: { code?: string; title?: string; detail?: string; errors?: ProblemDetail[] | null },
    retryAfterSeconds?: number,
  ) {
    super(body.detail ?? body.title ?? `HTTP ${String(status)}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? '';
    this.detail = body.detail ?? '';
    this.errors = body.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The server cannot be reached at all. */
export const unreachable = 0;

type Listener = () => void;
const unauthenticated = new Set<Listener>();

/** Calls back whenever any request is refused for want of a session. */
export function onUnauthenticated(listener: Listener): () => void {
  unauthenticated.add(listener);
  return () => unauthenticated.delete(listener);
}

export type Query = Record<string, string | number | boolean | undefined | null>;

export function url(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A Blob goes as it is, everything else as JSON. */
  body?: unknown;
  query?: Query;
  signal?: AbortSignal;
}

export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204 || response.headers.get('Content-Length') === '0') return undefined as T;
  return (await response.json()) as T;
}

/** An answer that is a file. */
export async function callFile(path: string, options: Options = {}): Promise<Blob> {
  return (await send(path, options)).blob();
}

async function send(path: string, options: Options): Promise<Response> {
  const { method = 'GET', body, query, signal } = options;
  const init: RequestInit = { method, credentials: 'same-origin', headers: { Accept: 'application/json' } };
  if (signal) init.signal = signal;
  if (body instanceof Blob) {
    init.headers = { Accept: 'application/json', 'Content-Type': body.type || 'application/octet-stream' };
    init.body = body;
  } else if (body !== undefined) {
    init.headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(url(path, query), init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(unreachable, { code: 'network.unreachable' });
  }
  if (!response.ok) throw await problem(response, path);
  return response;
}

async function problem(response: Response, path: string): Promise<ApiError> {
  let body = {};
  try {
    body = (await response.json()) as object;
  } catch {
    // A proxy in between may answer without JSON; the status is enough then.
  }
  const retryAfter = Number(response.headers.get('Retry-After'));
  const error = new ApiError(response.status, body, retryAfter > 0 ? retryAfter : undefined);
  if (response.status === 401 && path !== '/session') {
    for (const listener of unauthenticated) listener();
  }
  return error;
}

/** Offset of a query syntax error, from errors[].location = "query@OFFSET". */
export function queryErrorOffset(error: ApiError): number | undefined {
  for (const { location } of error.errors) {
    const match = /query@(\d+)$/.exec(location ?? '');
    if (match) return Number(match[1]);
  }
  return undefined;
}
