import { markup, type Markup, type Part } from './markup.js';
import type { ShownMessage } from './shown-message.js';
import { counted, timeTexts } from './shown-text.js';

/** Messages with all that belongs to them, in the order given. */
export const messageList = (messages: readonly ShownMessage[]): Markup =>
  markup`<ol class="card message-list">
${messages.map(messageItem)}</ol>`;

const messageItem = (message: ShownMessage): Markup => markup`<li class="message">
<span class="avatar tone-${message.authorTone}" aria-hidden="true">${message.initial}</span>
<article>
<header class="byline">${byline(message)}</header>
${message.quote && quoteBlock(message.quote)}
${message.text !== undefined && markup`<p class="text" dir="auto">${message.text}</p>`}
${attachmentList(message)}
${isEmpty(message) && markup`<p class="note">Something that only the Session app can show.</p>`}
${reactionList(message)}
</article>
</li>
`;

function byline(message: ShownMessage): Part {
  const { author, authorShortId, role, edited } = message;
  const time = timeTexts(message.postedAt);
  return [
    markup`<bdi class="author">${author}</bdi> `,
    role && markup`<span class="badge">${role}</span> `,
    authorShortId !== undefined && markup`<span class="author-id">${authorShortId}</span> `,
    time && markup`<time datetime="${time.iso}">${time.shown}</time>`,
    edited && markup` <span class="edited">edited</span>`,
  ];
}

const quoteBlock = ({ author, text }: NonNullable<ShownMessage['quote']>): Markup =>
  markup`<blockquote><p><span class="hidden">In answer to </span><bdi class="author">${author}</bdi></p>${
    text !== undefined && markup`<p class="text" dir="auto">${text}</p>`
  }</blockquote>`;

function attachmentList({ attachments, attachmentsMore }: ShownMessage): Part {
  if (attachments.length === 0) return undefined;
  return markup`<ul class="attachments">
${attachments.map(
  ({ kind, name }) =>
    markup`<li><span class="kind">${kind}</span> ${name !== undefined && markup`<bdi>${name}</bdi>`}</li>
`,
)}${attachmentsMore > 0 && markup`<li>and ${counted(attachmentsMore, 'more', 'more')}</li>`}</ul>`;
}

function reactionList({ reactions, reactionsMore }: ShownMessage): Part {
  if (reactions.length === 0) return undefined;
  return markup`<ul class="reactions" aria-label="Reactions">
${reactions.map(
  ({
    emoji,
    count,
  }) => markup`<li><bdi>${emoji}</bdi> <span class="count">${count.toLocaleString('en')}</span></li>
`,
)}${reactionsMore > 0 && markup`<li>and ${counted(reactionsMore, 'other', 'others')}</li>`}</ul>`;
}

const isEmpty = ({ text, attachments }: ShownMessage): boolean =>
  text === undefined && attachments.length === 0;
