import { BoundedCache } from '../protocol/bounded-cache.js';
import { COMPILED_ROOMS_MAX } from './filter-limits.js';

/** Rules of rooms in the form that they are used in, made anew when they change. */
export class CompiledRooms<Compiled> {
  private readonly rooms = new BoundedCache<
    number,
    { readonly revision: string; readonly compiled: Compiled }
  >(COMPILED_ROOMS_MAX);

  /** What was made before of this revision of the room's rules; undefined otherwise. */
  known(roomId: number, revision: string): Compiled | undefined {
    const known = this.rooms.get(roomId);
    return known?.revision === revision ? known.compiled : undefined;
  }

  get(roomId: number, revision: string, compile: () => Compiled): Compiled {
    const known = this.known(roomId, revision);
    if (known !== undefined) return known;
    const compiled = compile();
    this.rooms.set(roomId, { revision, compiled });
    return compiled;
  }
}
