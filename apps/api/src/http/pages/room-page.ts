import type { RoomObject } from '../../../../../libs/protocol/schemas/room.schema.js';
import { layout, roomAvatar, roomFacts, SESSION_HOMEPAGE, type PageFrame } from './layout.js';
import { markup, type Markup, type Part } from './markup.js';
import { messageList } from './message-list.js';
import type { ShownMessage } from './shown-message.js';
import { cut } from './shown-text.js';

const PREVIEW_CODE_POINTS_MAX = 200;

export interface RoomPage {
  room: RoomObject;
  /** `https://chat.example.org` */
  origin: string;
  joinLink: string;
  /** Newest first; undefined when the operator does not show them. */
  messages: readonly ShownMessage[] | undefined;
}

/** `GET /r/ROOM/`: what the room is, how to join, and what was said lately. */
export function roomPage(
  frame: Pick<PageFrame, 'host' | 'assets' | 'hasIndex'>,
  { room, origin, joinLink, messages }: RoomPage,
): Markup {
  const about = room.description?.replace(/\s+/g, ' ').trim() ?? '';
  const address = `${origin}/r/${room.token}/`;
  return layout(
    {
      ...frame,
      title: room.name,
      description: cut(about, PREVIEW_CODE_POINTS_MAX) || `Join ${room.name} with Session`,
      head: markup`<meta property="og:url" content="${address}">
<meta property="og:image" content="${address}invite.png">
<link rel="canonical" href="${address}">
`,
    },
    markup`<div class="room-page${messages ? '' : ' without-messages'}">
<div class="room-head">
${roomAvatar(room)}
<div class="room-title">
<h1 dir="auto">${room.name}</h1>
<p class="facts">${roomFacts(room)}</p>
</div>
${room.description !== undefined && markup`<p class="about" dir="auto">${room.description}</p>`}
</div>
${joinSection(joinLink)}
${messages && messageSection(messages)}
</div>`,
  );
}

const joinSection = (joinLink: string): Markup => markup`<section class="join card" aria-labelledby="join">
<h2 id="join">Join this room</h2>
<div class="join-parts">
<img class="qr" src="invite.png" width="180" height="180" alt="QR code of the join link">
<div class="join-steps">
<ol>
<li>Open <a href="${SESSION_HOMEPAGE}" rel="noreferrer">Session</a> and tap +, then “Join Community”.</li>
<li>Scan the QR code, or paste this link:</li>
</ol>
<p class="join-link"><code id="join-link" data-copy>${joinLink}</code></p>
</div>
</div>
</section>`;

const messageSection = (messages: readonly ShownMessage[]): Part =>
  markup`<section class="messages" aria-labelledby="messages">
<h2 id="messages">Recent messages ${messages.length > 0 && markup`<small>newest first</small>`}</h2>
${messages.length === 0 ? markup`<p class="card note">Nobody has written here yet.</p>` : messageList(messages)}
</section>`;
