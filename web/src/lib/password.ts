// What can be said about a password before asking the server, which decides.

export const minPasswordLength = 12;

export type PasswordProblem = 'short' | 'username' | 'simple';

export function passwordProblem(password: string, username: string): PasswordProblem | undefined {
  if ([...password].length < minPasswordLength) return 'short';
  if (username !== '' && password.toLowerCase() === username.toLowerCase()) return 'username';
  if (new Set(password).size < 4) return 'simple';
  return undefined;
}
