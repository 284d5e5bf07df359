import { momentOf } from '../../parts/moment.js';

export interface Search {
  text: string;
  author: string;
  /** As `datetime-local` inputs have them: in the time zone of whoever looks. */
  from: string;
  to: string;
}

export const NO_SEARCH: Search = { text: '', author: '', from: '', to: '' };

export const isSearch = (search: Search): boolean => Object.values(search).some((value) => value !== '');

/** The same as the API takes it. */
export const searchQuery = ({ text, author, from, to }: Search) => ({
  text: text.trim(),
  author: author.trim().toLowerCase(),
  from: momentOf(from),
  to: momentOf(to),
});
