import { useState } from 'react';
import type { Room } from '../api/types.js';
import { initialOf, toneOf } from './shown.js';

/** The room's image where everybody may see it, else its initial. */
export function RoomAvatar({ room }: { room: Pick<Room, 'token' | 'name' | 'imageFileId' | 'defaults'> }) {
  const [brokenId, setBrokenId] = useState<number>();
  const { token, name, imageFileId, defaults } = room;
  const isPublic = imageFileId !== undefined && defaults.accessible && defaults.read;
  return (
    <span className={`avatar room-avatar tone-${toneOf(token)}`} aria-hidden="true">
      {initialOf(name)}
      {isPublic && imageFileId !== brokenId && (
        <img
          key={imageFileId}
          src={`/room/${encodeURIComponent(token)}/file/${imageFileId}`}
          alt=""
          loading="lazy"
          onError={() => setBrokenId(imageFileId)}
        />
      )}
    </span>
  );
}
