import { Button, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { listMessages } from '../../api/messages.js';
import type { Message } from '../../api/types.js';
import { useLiveState } from '../../live/live-updates.jsx';
import { Icon } from '../../parts/icon.jsx';
import { EmptyState, Failure, Loaded } from '../../parts/states.jsx';
import { useMay } from '../../session/session.js';
import { FeedDialogs, type FeedDialog } from './feed-dialogs.jsx';
import { useBottom } from './feed-scroll.js';
import { MessageItem } from './message-item.jsx';
import { isSearch, searchQuery, type Search } from './search.js';
import { SelectionBar } from './selection-bar.jsx';

const PAGE = 50;
/** Every change looks up again what is shown, so that must stay little. */
const PAGES_MAX = 10;
/** While nobody tells what changes. */
const LOOKED_UP_EVERY_MS = 5_000;

interface MessageFeedProps {
  room: string;
  search: Search;
  /** Id: only older messages. */
  before: number | undefined;
  /** Wants the same with other messages: those before this one. */
  onBefore(id: number): void;
}

export function MessageFeed({ room, search, before, onBefore }: MessageFeedProps) {
  const live = useLiveState();
  const query = useInfiniteQuery({
    queryKey: ['messages', room, search, before],
    queryFn: ({ pageParam }) =>
      listMessages(room, { ...searchQuery(search), before, limit: PAGE, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: live === 'live' ? false : LOOKED_UP_EVERY_MS,
  });
  return (
    <Loaded query={query} rows={8}>
      {({ pages }) => (
        <Feed room={room} pages={pages.map(({ items }) => items)}>
          <Failure error={query.isFetchNextPageError ? query.error : undefined} />
          {query.hasNextPage && (
            <OlderMessages
              label={isSearch(search) ? 'Search further back' : 'Load older messages'}
              isLoading={query.isFetchingNextPage}
              lastId={pages.length < PAGES_MAX ? undefined : pages.at(-1)?.scannedUntil}
              onLoad={() => void query.fetchNextPage()}
              onBefore={onBefore}
            />
          )}
          {pages.every(({ items }) => items.length === 0) && <NoMessages isSearch={isSearch(search)} />}
        </Feed>
      )}
    </Loaded>
  );
}

interface OlderMessagesProps {
  label: string;
  isLoading: boolean;
  /** As many pages are shown as there may be; what comes next is before this message. */
  lastId: number | undefined;
  onLoad(): void;
  onBefore(id: number): void;
}

function OlderMessages({ label, isLoading, lastId, onLoad, onBefore }: OlderMessagesProps) {
  return (
    <Stack align="center" gap="xs" p="sm">
      {lastId !== undefined && (
        <Text size="sm" c="dimmed">
          No more messages are shown at once. Older ones take their place.
        </Text>
      )}
      <Button
        variant="default"
        size="xs"
        loading={isLoading}
        onClick={() => (lastId === undefined ? onLoad() : onBefore(lastId))}
      >
        {lastId === undefined ? label : 'Go on with older messages'}
      </Button>
    </Stack>
  );
}

function NoMessages({ isSearch: isOfSearch }: { isSearch: boolean }) {
  return isOfSearch ? (
    <EmptyState title="No message matches">Only what can be read of a message is searched.</EmptyState>
  ) : (
    <EmptyState title="No messages yet">What is written in this room appears here at once.</EmptyState>
  );
}

interface FeedProps {
  room: string;
  /** Newest first, as the API gives them. */
  pages: readonly (readonly Message[])[];
  /** Above the messages. */
  children: ReactNode;
}

function Feed({ room, pages, children }: FeedProps) {
  const may = useMay();
  const canModerate = may('moderator', room);
  const messages = useMemo(() => pages.flat().reverse(), [pages]);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [dialog, setDialog] = useState<FeedDialog>();
  const bottom = useBottom(messages.at(-1)?.id);
  const selected = messages.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const toggle = (id: number): void =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  return (
    <>
      <div className="feed" ref={bottom.scroller} tabIndex={0} role="region" aria-label="Messages">
        {children}
        <ol className="feed-list" aria-live="off">
          {messages.map((message) => (
            <MessageItem
              key={message.id}
              room={room}
              message={message}
              canModerate={canModerate}
              isChosen={chosen.has(message.id)}
              onToggle={() => toggle(message.id)}
              onDialog={(kind) => setDialog({ kind, message })}
            />
          ))}
        </ol>
      </div>
      {bottom.unseen > 0 && (
        <Button
          className="feed-new"
          radius="xl"
          size="xs"
          onClick={bottom.go}
          leftSection={<Icon name="down" size={14} />}
        >
          {bottom.unseen === 1 ? 'A new message' : 'New messages'}
        </Button>
      )}
      <Text className="visually-hidden" role="status">
        {bottom.unseen > 0 ? 'There are new messages' : ''}
      </Text>
      {canModerate && selected.length > 0 && (
        <SelectionBar room={room} ids={selected} onDone={() => setChosen(new Set())} />
      )}
      <FeedDialogs room={room} dialog={dialog} onClose={() => setDialog(undefined)} />
    </>
  );
}
