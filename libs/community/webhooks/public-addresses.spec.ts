import { isPublicAddress } from './public-addresses.js';

describe('an address of the Internet', () => {
  it.each(['1.1.1.1', '8.8.8.8', '93.184.215.14', '172.15.0.1', '172.32.0.1', '100.63.0.1', '223.255.255.1'])(
    'such as %s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each(['2606:4700:4700::1111', '2a00:1450:4001:813::200e', '2400:cb00::1'])(
    'such as %s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
});

describe('an address that is not of the Internet is told apart', () => {
  it.each([
    ['this machine', '127.0.0.1'],
    ['this machine', '127.255.255.254'],
    ['this machine', '0.0.0.0'],
    ['this machine', '::1'],
    ['this machine', '::'],
    ['a private network', '10.1.2.3'],
    ['a private network', '172.16.0.1'],
    ['a private network', '172.31.255.255'],
    ['a private network', '192.168.1.1'],
    ['a private network', 'fd12:3456:789a::1'],
    ['a private network', 'fc00::1'],
    ['a provider’s network', '100.64.0.1'],
    ['this link, where clouds keep their keys', '169.254.169.254'],
    ['this link', 'fe80::1'],
    ['this link, with its zone', 'fe80::1%eth0'],
    ['a site', 'fec0::1'],
    ['many', '224.0.0.1'],
    ['many', 'ff02::1'],
    ['all', '255.255.255.255'],
    ['nobody', '240.0.0.1'],
    ['examples', '192.0.2.1'],
    ['examples', '2001:db8::1'],
    ['measurements', '198.18.0.1'],
    ['IPv4 written as IPv6', '::ffff:127.0.0.1'],
    ['IPv4 written as IPv6', '::ffff:7f00:1'],
    ['IPv4 written as IPv6', '::ffff:8.8.8.8'],
    ['IPv4 written as IPv6', '::127.0.0.1'],
    ['IPv4 behind a translator', '64:ff9b::7f00:1'],
    ['IPv4 behind a tunnel', '2002:7f00:1::'],
    ['IPv4 behind a tunnel', '2001:0:53aa:64c::1'],
    ['no address', 'localhost'],
    ['no address', '127.1'],
    ['no address', ''],
  ])('as one of %s: %s', (_, address) => expect(isPublicAddress(address)).toBe(false));
});
