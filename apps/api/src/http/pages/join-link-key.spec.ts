import { isKeyOfLink } from './join-link-key.js';

const KEY = Buffer.from('c3b3c6f32f0ab5a57f853cc4f30f5da7fda5624b0c77b3fb0829de562ada081d', 'hex');
const other = Buffer.from(KEY).fill(1, 31);

describe('the key in a join link', () => {
  it.each([
    KEY.toString('hex'),
    KEY.toString('hex').toUpperCase(),
    KEY.toString('base64'),
    KEY.toString('base64').replace('=', ''),
    KEY.toString('base64').replaceAll('+', ' '),
    'aq3hph3xbk44k9hf8unxgd47w964ka1mbt5586aef8xfcks4byqo',
  ])('is known in the spelling %s', (text) => expect(isKeyOfLink(text, KEY)).toBe(true));

  it.each([
    '',
    KEY.toString('hex').slice(1),
    `${KEY.toString('hex')}00`,
    other.toString('hex'),
    other.toString('base64'),
    '%',
  ])('is not %j', (text) => expect(isKeyOfLink(text, KEY)).toBe(false));
});
