// The SHA-256 of a file, computed here: the file itself goes nowhere.

/** Larger ones would not fit the browser's memory beside the page. */
export const hashMaxBytes = 256 << 20;

/** False where the page did not come over HTTPS (or from this machine). */
export const canHash = () => (globalThis.crypto as Crypto | undefined)?.subtle !== undefined;

export async function sha256(file: Blob): Promise<string> {
  const sum = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
