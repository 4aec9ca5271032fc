// Which fields of a form a refusal is about: RFC 9457 problems name the place as
// "body.name" or "body.contacts[0].mail".
import { ApiError } from '../api/client';

/** The names of the fields, without "body.", in the server's order. */
export function problemFields(error: unknown): string[] {
  if (!(error instanceof ApiError)) return [];
  const names = error.errors.map(({ location }) => /^body\.(.+)$/.exec(location ?? '')?.[1]).filter((name) => name !== undefined);
  return [...new Set(names)];
}

/** True where a problem's field is the form's field or a part of it. */
export function concerns(problem: string, field: string): boolean {
  return problem === field || problem.startsWith(`${field}.`) || problem.startsWith(`${field}[`);
}
