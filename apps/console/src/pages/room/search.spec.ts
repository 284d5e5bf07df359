import { isSearch, NO_SEARCH, searchQuery } from './search.js';

it('nothing is no search', () => {
  expect(isSearch(NO_SEARCH)).toBe(false);
  expect(searchQuery(NO_SEARCH)).toEqual({ text: '', author: '', from: '', to: '' });
});

it('what was typed is told as the API takes it', () => {
  const search = { text: ' carp ', author: '15AB', from: '2026-11-24T18:00', to: 'soon' };
  expect(isSearch(search)).toBe(true);
  expect(searchQuery(search)).toEqual({
    text: 'carp',
    author: '15ab',
    from: new Date('2026-11-24T18:00').toISOString(),
    to: '',
  });
});
