import { webhookUrlProblem } from './webhook-url.js';

const problem = (url: string, privateAddresses = false) => webhookUrlProblem(url, { privateAddresses });

describe('the address of a webhook', () => {
  it.each([
    'https://example.org/hook',
    'https://example.org:8443/hook?key=1',
    'https://1.1.1.1/',
    'https://[2606:4700:4700::1111]/hook',
    'https://localhost.example.org/',
  ])('may be %s', (url) => expect(problem(url)).toBeUndefined());

  it.each([
    ['no address', 'example.org/hook', /begins with https/],
    ['of another kind', 'ftp://example.org/', /begins with https/],
    ['a file', 'file:///etc/passwd', /begins with https/],
    ['with a password', 'https://user:word@example.org/', /password/],
    ['with a part that is never sent', 'https://example.org/#part', /#/],
    ['endless', `https://example.org/${'x'.repeat(2_000)}`, /2000 characters/],
    ['not encrypted', 'http://example.org/', /encrypted/],
    ['this machine', 'https://localhost:8080/', /not on the Internet/],
    ['this machine by number', 'https://127.0.0.1/', /not on the Internet/],
    ['this machine by a short number', 'https://127.1/', /not on the Internet/],
    ['this machine by one number', 'https://2130706433/', /not on the Internet/],
    ['this machine in octal', 'https://0177.0.0.1/', /not on the Internet/],
    ['this machine in IPv6', 'https://[::1]/', /not on the Internet/],
    ['this machine in mixed notation', 'https://[::ffff:127.0.0.1]/', /not on the Internet/],
    ['a cloud’s keys', 'https://169.254.169.254/latest/meta-data', /not on the Internet/],
    ['a cloud’s keys by name', 'https://metadata.google.internal/', /not on the Internet/],
    ['of the local network', 'https://printer.local/', /not on the Internet/],
  ])('may not be %s', (_, url, expected) => expect(problem(url)).toMatch(expected));

  it.each(['http://127.0.0.1:9000/hook', 'http://localhost/', 'https://[::1]/', 'http://bot.internal/'])(
    'may be %s where private addresses are allowed',
    (url) => expect(problem(url, true)).toBeUndefined(),
  );
});
