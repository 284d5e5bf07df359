declare global {
  interface Window {
    /** Where libraries that add styles at run time (scroll locks of dialogs) look for it. */
    __webpack_nonce__?: string;
  }
}

/** The nonce of this page's policy for styles that components add at run time. */
export function styleNonce(): string {
  // Browsers hide the attribute from selectors and scripts; the property keeps it.
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.nonce ?? '';
  window.__webpack_nonce__ = nonce;
  return nonce;
}
