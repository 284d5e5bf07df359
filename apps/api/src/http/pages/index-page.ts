import type { RoomObject } from '../../../../../libs/protocol/schemas/room.schema.js';
import { layout, roomAvatar, roomFacts, type PageFrame } from './layout.js';
import { markup, type Markup } from './markup.js';
import { counted, cut } from './shown-text.js';

const DESCRIPTION_CODE_POINTS_MAX = 240;

/** `GET /`: the public rooms, or how to make the first one. */
export function indexPage(
  frame: Pick<PageFrame, 'host' | 'assets'>,
  { rooms, more }: { rooms: readonly RoomObject[]; more: number },
): Markup {
  const description =
    rooms.length === 0
      ? 'A Session community'
      : `${counted(rooms.length + more, 'room', 'rooms')} to join with Session`;
  const title = `Rooms on ${frame.host}`;
  return layout(
    { ...frame, title, description, hasIndex: true },
    rooms.length === 0
      ? noRooms
      : markup`<h1>Rooms</h1>
<p class="lead">Chat rooms that are open to everybody. Choose one to see its join link.</p>
<ul class="rooms">
${rooms.map(roomCard)}
</ul>
${more > 0 && markup`<p class="note">And ${counted(more, 'more room', 'more rooms')}, which the Session app lists.</p>`}`,
  );
}

const roomCard = (room: RoomObject): Markup => markup`<li>
<a class="room" href="/r/${room.token}/">
${roomAvatar(room)}
<span class="room-text">
<bdi class="room-name">${room.name}</bdi>
${room.description !== undefined && markup`<span class="room-about" dir="auto">${aboutText(room.description)}</span>`}
<span class="facts">${roomFacts(room)}</span>
</span>
</a>
</li>
`;

const aboutText = (description: string): string =>
  cut(description.replace(/\s+/g, ' ').trim(), DESCRIPTION_CODE_POINTS_MAX);

const noRooms = markup`<div class="notice">
<h1>No public rooms yet</h1>
<p>There is no room here that everybody may read. If somebody gave you a join link, open it in Session.</p>
<h2>Is this your server?</h2>
<p>Make the first room with this command, on the machine that runs it:</p>
<pre class="command"><code>npx plaza room create lobby \\
  --name "Lobby"</code></pre>
</div>`;
