interface Numbered {
  id: number;
  seqno: number;
  seqnoData: number;
  /** Null once deleted. */
  data: unknown;
}

/**
 * One page of `since`, cut so that nobody who goes on from its last number misses a message (protocol.md §4).
 *
 * A message stands at its greatest number. When that is a reaction's, and other changes fill the page before it, the
 * next page would tell of the reaction alone, to a reader who was never sent the message. So such a message,
 * one of `reactedLater`, comes in this page, under the number of its data; its reactions follow as an update.
 *
 * `page`: the first `limit` changes by `seqno`. `reactedLater`: those beyond it with `since < seqnoData <= last seqno`;
 * `isCut`: there may be more of them, with greater `seqnoData`, so the page ends where they do.
 */
export function completePage<Message extends Numbered>(
  page: readonly Message[],
  reactedLater: readonly Message[],
  { since, isCut }: { since: number; isCut: boolean },
): Message[] {
  const inPage = new Set(page.map(({ id }) => id));
  const missing = reactedLater.filter(({ id }) => !inPage.has(id));
  if (missing.length === 0) return [...page];
  const earliest = ({ data, seqno, seqnoData }: Message): number =>
    data !== null && seqnoData > since ? seqnoData : seqno;
  const end = isCut ? reactedLater.at(-1)!.seqnoData : Infinity;
  const cut = [...page, ...missing]
    .sort((a, b) => earliest(a) - earliest(b))
    .slice(0, page.length)
    .filter((message) => earliest(message) <= end);
  const last = earliest(cut.at(-1)!);
  return cut
    .map((message) => (message.seqno <= last ? message : { ...message, seqno: earliest(message) }))
    .sort((a, b) => a.seqno - b.seqno);
}
