import type { CryptoBackend, CryptoBackendName } from './crypto-backend.js';

/**
 * The back end of that name. Each is loaded only when it is chosen: sodium-native throws on loading where it has
 * no build for the platform, and there `noble` must still work.
 */
export function selectCryptoBackend(name: CryptoBackendName): CryptoBackend {
  switch (name) {
    case 'sodium':
      return (require('./sodium-backend.js') as typeof import('./sodium-backend.js')).sodiumBackend;
    case 'noble':
      return (require('./noble-backend.js') as typeof import('./noble-backend.js')).nobleBackend;
  }
}
