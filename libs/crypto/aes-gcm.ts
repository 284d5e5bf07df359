import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { randombytes_buf } from 'sodium-native';
import { assertByteLength } from './byte-length.js';
import { AEAD_TAG_BYTES, AES_GCM_IV_BYTES, KEY_BYTES, type Aead } from './crypto-backend.js';

const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: AEAD_TAG_BYTES };

/**
 * AES-256-GCM through OpenSSL. The KeyObject is made once for the request and its answer: on Node 24 a cipher
 * made from raw key bytes costs 17 µs, from a KeyObject 5 µs, the KeyObject itself less than 1.
 */
export function openSslAesGcm(key: Buffer): Aead {
  assertByteLength('An AES-256 key', key, KEY_BYTES);
  const keyObject = createSecretKey(key);
  return {
    seal(plaintext) {
      const iv = Buffer.allocUnsafe(AES_GCM_IV_BYTES);
      randombytes_buf(iv);
      const cipher = createCipheriv(ALGORITHM, keyObject, iv, OPTIONS);
      const ciphertext = cipher.update(plaintext);
      cipher.final(); // GCM holds nothing back: this only makes the tag
      return Buffer.concat([iv, ciphertext, cipher.getAuthTag()]);
    },
    open(box) {
      const tagAt = box.length - AEAD_TAG_BYTES;
      if (tagAt < AES_GCM_IV_BYTES) return undefined;
      const decipher = createDecipheriv(ALGORITHM, keyObject, box.subarray(0, AES_GCM_IV_BYTES), OPTIONS);
      decipher.setAuthTag(box.subarray(tagAt));
      const plaintext = decipher.update(box.subarray(AES_GCM_IV_BYTES, tagAt));
      try {
        decipher.final(); // checks the tag; nothing of `plaintext` may be looked at before
      } catch {
        return undefined;
      }
      return plaintext;
    },
  };
}
