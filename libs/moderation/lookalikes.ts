/**
 * Letters that pass for an ASCII letter at a glance, in the order of the letters they pass for. Kept to what people
 * really swap: wholesale tables of confusables (such as the one in `obscenity`, with д for a and ч for 4) make
 * English swear words out of ordinary Russian and Greek.
 */
const CYRILLIC = 'аaвbсcеeнhіiјjкkмmоoрpѕsтtуyхx';
/** In no word of a living language but by chance: they are there to deceive. */
const CYRILLIC_RARE = 'ԁdһhӏlԛqѵvԝw';
/** They pass for an ASCII letter in a hurry only. */
const CYRILLIC_FAINT = 'ьbпnгr';
const GREEK = 'αaβbεeηnιiκkμmνvοoρpτtυuγyχxωw';
/** Latin letters that Unicode does not decompose, small capitals among them ("fancy text"). */
const LATIN =
  'ɑaɒaᴀaʙbɓbᴄcᴅdđdɖdɗdðdᴇeɛeǝeəeꜰfƒfɡgɢgʜhħhɦhɪiıiɩiᴊjʝjᴋkƙkʟlłlɫlɭlᴍmɱmɴnɲnŋnᴏoøoɔoɵoᴘpƥpꞯqʀrɾrɍrꜱsʂsᴛtŧtƭtᴜuʉuʊuᴠvʋvᴡwʏyƴyᴢzƶzʐz';

/** One letter for two. */
const LIGATURES: readonly (readonly [string, string])[] = [
  ['ß', 'ss'],
  ['ẞ', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
];

const pairs = (table: string): [string, string][] =>
  [...table.matchAll(/(.)(.)/gu)].map(([, from, to]) => [from!, to!]);

/** What a lower-case letter passes for; only letters of the ASCII alphabet are values. */
export const LOOKALIKES: ReadonlyMap<string, string> = new Map([
  ...pairs(CYRILLIC + CYRILLIC_RARE + CYRILLIC_FAINT),
  ...pairs(GREEK),
  ...pairs(LATIN),
  ...LIGATURES,
]);

/**
 * Letters that do not prove in which script a text is written: the Cyrillic and Greek ones that look Latin, and the
 * Latin ones that look Cyrillic. A text in a script has others too, a word in disguise has not.
 */
export const AMBIGUOUS_LETTERS: ReadonlySet<string> = new Set([
  ...pairs(CYRILLIC).flat(),
  ...pairs(CYRILLIC_RARE + GREEK).map(([from]) => from),
]);
