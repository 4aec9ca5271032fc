// Passkeys of the browser: the JSON forms of WebAuthn level 3, both ways.

interface Ceremony {
  options: unknown;
}

/** Whether passkeys made for that host can be used on this page. */
export function passkeysWork(host: string): boolean {
  return (
    host !== '' &&
    (location.hostname === host || location.hostname.endsWith(`.${host}`)) &&
    'PublicKeyCredential' in window &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
  );
}

const publicKey = (ceremony: Ceremony) => (ceremony.options as { publicKey: unknown }).publicKey;

export async function makePasskey(ceremony: Ceremony): Promise<unknown> {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey(ceremony) as PublicKeyCredentialCreationOptionsJSON);
  const made = await navigator.credentials.create({ publicKey: options });
  return (made as PublicKeyCredential).toJSON();
}

export async function showPasskey(ceremony: Ceremony): Promise<unknown> {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey(ceremony) as PublicKeyCredentialRequestOptionsJSON);
  const shown = await navigator.credentials.get({ publicKey: options });
  return (shown as PublicKeyCredential).toJSON();
}

/** The person closed the browser's own dialog; nothing went wrong. */
export const calledOff = (error: unknown) => error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
