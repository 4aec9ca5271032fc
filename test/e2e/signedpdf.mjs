// Papers with a digital signature for the journeys, made anew by test/e2e/signpdf, which
// Go builds.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder with signed.pdf, and changed.pdf: the same with one byte of what was signed turned over. */
export function signedPapers() {
  const folder = mkdtempSync(path.join(tmpdir(), 'lachan-signed-'));
  execFileSync('go', ['run', '-tags', 'e2e', './test/e2e/signpdf', folder], { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: 'inherit' });
  return folder;
}

/** Who the line of a signature names. */
export const signer = /Người ký thử, Sở thử nghiệm; chứng thư do CA thử cấp; .*thời điểm theo người ký: /;
