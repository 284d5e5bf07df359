import { ALPHABET_NAMES, findAlphabet, type AlphabetName } from './alphabet-filter.js';

const SAMPLES: Readonly<Record<AlphabetName, string>> = {
  persian: 'چطوری',
  arabic: 'مرحبا',
  cyrillic: 'привет',
  greek: 'γειά',
  latin: 'hello',
  hebrew: 'שלום',
  armenian: 'բարեւ',
  georgian: 'გამარჯობა',
  han: '你好',
  hiragana: 'こんにちは',
  katakana: 'ハロー',
  japanese: 'こんにちは',
  bopomofo: 'ㄅㄆㄇ',
  hangul: '안녕',
  yi: 'ꆈꌠ',
  devanagari: 'नमस्ते',
  bengali: 'নমস্কার',
  gurmukhi: 'ਸਤਿ',
  gujarati: 'નમસ્તે',
  odia: 'ନମସ୍କାର',
  tamil: 'வணக்கம்',
  telugu: 'నమస్కారం',
  kannada: 'ನಮಸ್ಕಾರ',
  malayalam: 'നമസ്കാരം',
  sinhala: 'ආයුබෝවන්',
  meetei: 'ꯈꯨꯔꯨꯝꯖꯔꯤ',
  santali: 'ᱡᱚᱦᱟᱨ',
  thai: 'สวัสดี',
  lao: 'ສະບາຍດີ',
  khmer: 'សួស្តី',
  myanmar: 'မင်္ဂလာပါ',
  tibetan: 'བཀྲ་ཤིས',
  mongolian: 'ᠰᠠᠢᠨ',
  javanese: 'ꦲꦭꦺꦴ',
  balinese: 'ᬩᬮᬶ',
  sundanese: 'ᮞᮥᮔ᮪ᮓ',
  ethiopic: 'ሰላም',
  tifinagh: 'ⴰⵣⵓⵍ',
  nko: 'ߒߞߏ',
  adlam: '𞤀𞤣𞤤𞤢𞤥',
  vai: 'ꕙꔤ',
  syriac: 'ܫܠܡܐ',
  thaana: 'ދިވެހި',
  coptic: 'ⲛⲟⲩ',
  cherokee: 'ᎣᏏᏲ',
  inuktitut: 'ᐊᐃ',
};

describe('an alphabet', () => {
  it.each(ALPHABET_NAMES)('%s is known by one letter in a text', (name) => {
    const [letter] = SAMPLES[name];
    expect(findAlphabet(`1, 2: ${letter} 👋!`, [name])).toBe(name);
  });

  it.each(ALPHABET_NAMES)('%s is not in texts of others', (name) => {
    const related: Partial<Record<AlphabetName, AlphabetName[]>> = {
      arabic: ['persian'],
      hiragana: ['japanese'],
      japanese: ['hiragana', 'katakana'],
    };
    const others = ALPHABET_NAMES.filter((each) => each !== name && !related[name]?.includes(each));
    expect(others.filter((other) => findAlphabet(SAMPLES[other], [name]) !== undefined)).toEqual([]);
  });

  it('is not looked for unless it is named', () => {
    expect(findAlphabet('привет', [])).toBeUndefined();
    expect(findAlphabet('привет', ['arabic', 'han'])).toBeUndefined();
  });

  it.each(['', '12:30', '👍🏽🇺🇸', '«…»—¿?'])('is in no text without letters: %j', (text) =>
    expect(findAlphabet(text, ALPHABET_NAMES)).toBeUndefined(),
  );

  it('of the special case comes first', () => {
    expect(findAlphabet('چطوری', ['arabic', 'persian'])).toBe('persian');
    expect(findAlphabet('مرحبا', ['arabic', 'persian'])).toBe('arabic');
    expect(findAlphabet('چطوری', ['arabic'])).toBe('arabic');
    expect(findAlphabet('مرحبا', ['persian'])).toBeUndefined();
  });
});
