// What the content security policy of this page asks of its scripts. It is the
// first thing the console loads.
//
// Styles made at run time carry the nonce that the server wrote into this very
// page. No HTML text is turned into elements: what libraries write through
// innerHTML may be plain text or a style sheet, which hold no "<".
import { setNonce } from 'get-nonce';

interface Policies {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => unknown;
}

/** The nonce of this page; "" where the server gave none. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

if (styleNonce !== '') setNonce(styleNonce);

const policies = (window as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy('default', {
  createHTML(text) {
    if (text.includes('<')) throw new TypeError('HTML text is not turned into elements in this console');
    return text;
  },
});
