import { selectCryptoBackend } from '../../../../../libs/crypto/select-backend.js';
import { ProvenAddresses } from './proven-addresses.js';

describe('proven addresses', () => {
  let now: number;
  let addresses: ProvenAddresses;
  beforeEach(() => {
    now = 0;
    addresses = new ProvenAddresses(selectCryptoBackend('sodium'), () => now);
  });

  it('are those that onions came from that could be opened, for a minute', () => {
    addresses.opened('192.0.2.1');
    expect(addresses.isProven('192.0.2.1')).toBe(true);
    expect(addresses.isProven('192.0.2.2')).toBe(false);
    now = 60_000;
    expect(addresses.isProven('192.0.2.1')).toBe(false);
  });

  it('are spoilt by one failure, which no success makes up for within a minute', () => {
    addresses.opened('192.0.2.1');
    addresses.failed('192.0.2.1');
    addresses.opened('192.0.2.1');
    expect(addresses.isProven('192.0.2.1')).toBe(false);
    now = 60_000;
    addresses.opened('192.0.2.1');
    expect(addresses.isProven('192.0.2.1')).toBe(true);
  });

  it('are bounded in number', () => {
    for (let at = 0; at <= 10_000; at++) addresses.opened(`address ${at}`);
    expect(addresses.isProven('address 0')).toBe(false);
    expect(addresses.isProven('address 10000')).toBe(true);
  });

  it('are kept under hashes', () => {
    addresses.opened('192.0.2.1');
    expect(JSON.stringify([...addresses['standings']['entries'].keys()])).not.toContain('192');
  });
});
