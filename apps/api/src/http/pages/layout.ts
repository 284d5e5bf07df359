import type { RoomObject } from '../../../../../libs/protocol/schemas/room.schema.js';
import { markup, type Markup, type Part } from './markup.js';
import { initialOf, spanText, toneOf } from './shown-text.js';

/** What every page has. */
export interface PageFrame {
  title: string;
  /** For search engines and link previews; one line. */
  description: string;
  /** Host of the community, shown at the top. */
  host: string;
  /** Whether `/` shows the rooms, and so may be linked to. */
  hasIndex: boolean;
  /** Addresses of the static files. */
  assets: AssetPaths;
  /** More for the head. */
  head?: Part;
}

export interface AssetPaths {
  style: string;
  script: string;
  icon: string;
}

export const SESSION_HOMEPAGE = 'https://getsession.org/';

/** A whole document around `main`. */
export function layout(frame: PageFrame, main: Part): Markup {
  const { title, description, host, hasIndex, assets, head } = frame;
  const brand = markup`<img src="${assets.icon}" alt="" width="28" height="28"><bdi>${host}</bdi>`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<meta name="description" content="${description}">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
<meta property="og:type" content="website">
${head}<link rel="icon" href="${assets.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style}">
<script src="${assets.script}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
${hasIndex ? markup`<a class="brand" href="/">${brand}</a>` : markup`<span class="brand">${brand}</span>`}
</header>
<main id="main">
${main}
</main>
<footer class="bottom">
<p>A community on <a href="${SESSION_HOMEPAGE}" rel="noreferrer">Session</a>, the messenger without phone numbers.
Hosted with Plaza.</p>
</footer>
</body>
</html>
`;
}

/** The room's image over its initial, which stays to be seen where the image cannot be loaded. */
export function roomAvatar(room: Pick<RoomObject, 'token' | 'name' | 'image_id'>): Markup {
  const image =
    room.image_id !== undefined &&
    markup`<img src="/room/${room.token}/file/${room.image_id}" alt="" loading="lazy">`;
  return markup`<span class="avatar room-avatar tone-${toneOf(room.token)}" aria-hidden="true"><span>${initialOf(room.name)}</span>${image}</span>`;
}

/** How alive a room is, and what a guest cannot do there. */
export function roomFacts({ active_users: active, active_users_cutoff: span, write }: RoomObject): Markup {
  const people = active === 0 ? 'Nobody' : active.toLocaleString('en');
  return markup`<span>${people} active within ${spanText(span)}</span>${
    !write && markup` <span class="badge">Read only</span>`
  }`;
}
