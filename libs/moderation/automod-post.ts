/** A post that automod looks at. Moderators' posts are not for it to see. */
export interface AutomodPost {
  /** Without its padding. */
  readonly data: Buffer;
  readonly room: { readonly id: number };
  readonly author: { readonly id: number };
  /** Those of the author's uploads that the post takes. */
  readonly files: readonly AttachedFile[];
  /** An edit is no post more: it counts for no rate. */
  readonly isEdit?: boolean;
}

export interface AttachedFile {
  readonly id: number;
  /** By its content; null if nobody knows it. */
  readonly mediaType: string | null;
  readonly filename: string | null;
  /** Null for a file that was not looked at when it came, since no rule was on. */
  readonly sha256: Buffer | null;
  /** 8 bytes; null for what is no image, or none that can be read. */
  readonly imageHash: Buffer | null;
}

/** Of somebody in a room. */
export interface Standing {
  /** Since this server first saw them. */
  readonly ageSeconds: number;
  /** Their posts in this room, this one left out. */
  readonly posts: number;
}

/** What the rules ask of the rest of the house; only those that are on ask, and only when they have to. */
export interface AutomodFacts {
  /** The author's. Asked once at most. */
  standing(): Promise<Standing>;
  /**
   * Counts this event in a sliding window and says what is in it now (`EventWindows` of libs/coordination). An event
   * beyond `eventsMax` is counted in the answer, but not kept.
   */
  record(
    window: string,
    member: string,
    seconds: number,
    eventsMax?: number,
  ): Promise<{ events: number; members: number }>;
}
