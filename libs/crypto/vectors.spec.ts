import { base64Bytes, hexBytes, readVectors } from '../../test/support/vectors.js';
import type { CryptoBackendName } from './crypto-backend.js';
import { selectCryptoBackend } from './select-backend.js';
import { serverKeysOf } from './server-keys.js';

const blinding = readVectors('blinding');
const directMessage = readVectors('direct-message');
const edge = readVectors('ed25519-edge');
const onion = readVectors('onion');
const signature = readVectors('signature');

/** Ids without their prefix byte. */
const idKey = (id: string): Buffer => hexBytes(id.slice(2));

describe.each<CryptoBackendName>(['sodium', 'noble'])('the %s back end', (name) => {
  const crypto = selectCryptoBackend(name);

  it('is the one of that name', () => {
    expect(crypto.name).toBe(name);
  });

  it.each(blinding.servers)('vector blinding: the keys of server $public', (server) => {
    const keys = serverKeysOf(crypto, hexBytes(server.private));
    expect(keys.publicKeyHex).toBe(server.public);
    expect(keys.publicKey.toString('hex')).toBe(server.public);
    expect(keys.signingPublicKey.toString('hex')).toBe(server.signPublic);
    const message = Buffer.from('signed by the server');
    expect(crypto.verifyEd25519(keys.sign(message), message, keys.signingPublicKey)).toBe(true);
  });

  it.each(blinding.cases)('vector blinding: $session_id becomes $blinded_id', (vector) => {
    const k = crypto.reduceScalar(crypto.blake2b(64, hexBytes(vector.server_public)));
    const ed25519Key = crypto.ed25519PublicKey(hexBytes(vector.seed));
    expect(k.toString('hex')).toBe(vector.k);
    expect(ed25519Key.toString('hex')).toBe(vector.ed25519_public);
    expect(crypto.ed25519ToX25519(ed25519Key)).toEqual(idKey(vector.session_id));
    expect(crypto.multiplyEd25519(k, ed25519Key)).toEqual(idKey(vector.blinded_id));
    const point = crypto.x25519ToEd25519(idKey(vector.session_id))!;
    expect(point[31]! & 0x80).toBe(0);
    const pair = [idKey(vector.absolute_id), idKey(vector.negative_id)];
    expect(pair).toContainEqual(crypto.multiplyEd25519(k, point));
  });

  it.each(edge.signatures)('vector ed25519-edge: signature, $name', (vector) => {
    const key = hexBytes(vector.public_key);
    expect(crypto.isValidEd25519Point(key)).toBe(vector.point_valid);
    expect(crypto.verifyEd25519(hexBytes(vector.signature), hexBytes(vector.message), key)).toBe(
      vector.verifies,
    );
  });

  it.each(edge.public_keys)('vector ed25519-edge: public key, $name', (vector) => {
    expect(crypto.isValidEd25519Point(hexBytes(vector.public_key))).toBe(vector.point_valid);
  });

  it.each(edge.public_keys.filter((vector) => !vector.point_valid))(
    'vector ed25519-edge: no use is made of $name',
    (vector) => {
      const key = hexBytes(vector.public_key);
      expect(crypto.ed25519ToX25519(key)).toBeUndefined();
      expect(crypto.multiplyEd25519(Buffer.alloc(32, 1), key)).toBeUndefined();
    },
  );

  it.each(signature.cases)('vector signature: $method $path', (vector) => {
    const key = idKey(vector.pubkey);
    expect(crypto.isValidEd25519Point(key)).toBe(true);
    const message = hexBytes(vector.signed_bytes);
    expect(crypto.verifyEd25519(base64Bytes(vector.signature), message, key)).toBe(true);
    message[0]! ^= 1;
    expect(crypto.verifyEd25519(base64Bytes(vector.signature), message, key)).toBe(false);
  });

  it.each(signature.refuse)('vector signature, refused: $why', (vector) => {
    const key = idKey(vector.pubkey);
    if (vector.signature === undefined) {
      expect(crypto.isValidEd25519Point(key)).toBe(false);
    } else {
      const message = hexBytes(vector.signed_bytes!);
      expect(crypto.verifyEd25519(base64Bytes(vector.signature), message, key)).toBe(false);
    }
  });

  it.each(onion.cases)('vector onion: v$version $enc_type', (vector) => {
    const serverPublic = hexBytes(onion.server_public);
    const A = hexBytes(vector.ephemeral_public);
    const shared = crypto.x25519(hexBytes(onion.server_private), A)!;
    const body = base64Bytes(vector.body);
    const ciphertext = body.subarray(4, 4 + body.readUInt32LE(0));
    const xchacha = vector.enc_type?.startsWith('xchacha20');
    const key = xchacha
      ? crypto.blake2b(32, shared, A, serverPublic)
      : crypto.hmacSha256(Buffer.from('LOKI'), shared);
    expect(key.toString('hex')).toBe(vector.symmetric_key);
    const aead = xchacha ? crypto.xchacha20(key) : crypto.aesGcm(key);
    expect(aead.open(ciphertext)).toEqual(base64Bytes(vector.plaintext));
  });

  it.each(directMessage.cases)('vector direct-message: $sender to $recipient', (vector) => {
    const k = crypto.reduceScalar(crypto.blake2b(64, hexBytes(directMessage.server_public)));
    const [sender, recipient] = [idKey(vector.sender), idKey(vector.recipient)];
    // Both sides come to the same key, each with their own secret: a·kB = b·kA.
    const sides = [
      crypto.multiplyEd25519(crypto.ed25519PrivateScalar(hexBytes(vector.sender_seed)), recipient)!,
      crypto.multiplyEd25519(crypto.ed25519PrivateScalar(hexBytes(vector.recipient_seed)), sender)!,
    ];
    for (const shared of sides) {
      expect(crypto.blake2b(32, shared, sender, recipient).toString('hex')).toBe(vector.key);
    }
    const message = hexBytes(vector.message);
    const nonce = message.subarray(-24);
    expect([message[0], nonce.toString('hex')]).toEqual([0, vector.nonce]);
    const box = Buffer.concat([nonce, message.subarray(1, -24)]);
    const opened = crypto.xchacha20(hexBytes(vector.key)).open(box)!;
    const A = opened.subarray(-32);
    expect(opened.subarray(0, -32).toString('hex')).toBe(vector.plaintext);
    expect(A.toString('hex')).toBe(vector.sender_ed25519);
    expect(crypto.multiplyEd25519(k, A)).toEqual(sender);
  });
});
