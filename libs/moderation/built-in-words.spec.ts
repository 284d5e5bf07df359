import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import { compiledBuiltInWords, WordFilter } from './word-filter.js';

const filter = new WordFilter([compiledBuiltInWords()]);

/** Texts separated by commas. */
const texts = (list: string): string[] => list.trim().split(/,\s+/);

it.each(
  texts(`
    fuck, f*ck, fck you, fuuuuuck, fuuck, f u c k, f.u.c.k, motherfucker, FUСK, ƒüçk, shit, bullshit, 5hit, sh1t,
    $hit, a$$hole, @sshole, b1tch, biiiitch, cunt, wanker, cumming
  `),
)('the built-in list finds %j', (text) => expect(filter.matches(text)).toBe(true));

it.each(
  texts(`
    Scunthorpe, Penistone, Sussex, Middlesex, Essex, Clitheroe, Lightwater, Cockermouth, Arsenal, Uranus, Montenegro,
    assassin, class, classic, assess, assume, assorted, bass guitar, grass, passion, cassette, embarrass,
    analysis, analgesic, annals, canal, banal, psychoanalysis, reanalyse, overanalyze,
    cockpit, cocktail, peacock, Hitchcock, shuttlecock, cocksure, cockney,
    cumin, cucumber, document, circumstance, accumulate, cummerbund, E. E. Cummings,
    Dickens, Emily Dickinson, Moby Dick, dictionary, predict, grape, drape, therapist, rapeseed, rapped, skyscraper,
    titanium, title, titter, constitution, shiitake, mishit, parse, arsenic, Negroni, niggardly, snigger,
    pussycat, push-up, kung fu, Hu Jintao, flame retardant, identity,
    in 45s, at 4:55, 455, A55, the M4A5, a 5s break, mp3, 1080p, b2b, h264, the 1970s,
    Ich fahre nach Fuchs, Fußball, la canción, на соску, массаж, Σωκράτης, il fut un temps
  `),
)('the built-in list leaves %j alone', (text) => expect(filter.matches(text)).toBe(false));

it('finds every word of its source that the library itself finds', () => {
  const library = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
  const words = englishDataset
    .build()
    .blacklistedTerms.map(({ id }) =>
      englishDataset.getPayloadWithPhraseMetadata({ termId: id, startIndex: 0, endIndex: 0, matchLength: 0 }),
    )
    .flatMap(({ phraseMetadata }) => phraseMetadata?.originalWord ?? [])
    .filter((word) => library.hasMatch(word));
  expect(words.length).toBeGreaterThan(80);
  expect(words.filter((word) => !filter.matches(word))).toEqual([]);
});
