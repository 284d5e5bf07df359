import { layout, type PageFrame } from './layout.js';
import { markup, type Markup } from './markup.js';

/** Why somebody does not see what they came for. */
export type Refusal = keyof typeof REFUSALS;

const REFUSALS = {
  noSuchRoom: {
    status: 404,
    title: 'No such room',
    text: 'There is no room at this address. It may have been closed, or the link has a typing mistake in it.',
  },
  hiddenRoom: {
    status: 403,
    title: 'This room is not public',
    text: 'Only its members can see it. If you are one, or somebody gave you its join link, open the link in Session.',
  },
  noIndex: {
    status: 403,
    title: 'The rooms are not listed here',
    text: 'If somebody gave you a join link to a room, open it in Session.',
  },
  otherServer: {
    status: 404,
    title: 'This link does not belong here',
    text: 'The key in the link is not the key of this server, so Session would not be able to join with it. Ask for a new link where you found this one.',
  },
  busy: {
    status: 503,
    title: 'Not available right now',
    text: 'The server cannot look this up at the moment. Try again in a few seconds.',
  },
  broken: {
    status: 500,
    title: 'Something went wrong',
    text: 'This page could not be made. The operator of the server finds the reason in its log.',
  },
} as const;

export const refusalStatus = (refusal: Refusal): number => REFUSALS[refusal].status;

export function refusalPage(
  frame: Pick<PageFrame, 'host' | 'assets' | 'hasIndex'>,
  refusal: Refusal,
): Markup {
  const { status, title, text } = REFUSALS[refusal];
  const isIndex = refusal === 'noIndex';
  return layout(
    { ...frame, title, description: text },
    markup`<div class="notice">
<p class="status">${status}</p>
<h1>${title}</h1>
<p>${text}</p>
${frame.hasIndex && !isIndex && markup`<p class="action"><a class="button" href="/">See the public rooms</a></p>`}
</div>`,
  );
}
