import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { Card } from '../../parts/card.jsx';
import { Icon } from '../../parts/icon.jsx';
import { useMay } from '../../session/session.js';
import { AnnounceDialog } from './announce-dialog.jsx';
import { MessageFeed } from './message-feed.jsx';
import { MessageSearch } from './message-search.jsx';
import { NO_SEARCH, type Search } from './search.js';

interface View {
  search: Search;
  /** Id: only older messages. */
  before: number | undefined;
}

const NEWEST: View = { search: NO_SEARCH, before: undefined };

/** A room as it happens: the newest messages at the bottom, and everything a moderator does with them. */
export function LiveRoom({ room }: { room: string }) {
  const may = useMay();
  const [{ search, before }, setView] = useState<View>(NEWEST);
  const [isSearching, searching] = useDisclosure();
  const [isAnnouncing, announcing] = useDisclosure();
  return (
    <Card isFlush>
      <Group justify="space-between" className="feed-head" gap="xs">
        <Button
          variant={isSearching ? 'light' : 'default'}
          size="xs"
          leftSection={<Icon name="search" size={16} />}
          aria-expanded={isSearching}
          onClick={() => {
            if (isSearching) setView(NEWEST);
            searching.toggle();
          }}
        >
          {isSearching ? 'End the search' : 'Search'}
        </Button>
        {before !== undefined && (
          <Button variant="light" size="xs" onClick={() => setView({ search, before: undefined })}>
            Back to the newest
          </Button>
        )}
        {may('admin', room) && (
          <Button
            variant="default"
            size="xs"
            leftSection={<Icon name="announce" size={16} />}
            onClick={announcing.open}
          >
            Announce
          </Button>
        )}
      </Group>
      {isSearching && <MessageSearch onSearch={(asked) => setView({ search: asked, before: undefined })} />}
      <MessageFeed
        key={JSON.stringify([search, before])}
        room={room}
        search={search}
        before={before}
        onBefore={(id) => setView({ search, before: id })}
      />
      <AnnounceDialog room={room} isOpen={isAnnouncing} onClose={announcing.close} />
    </Card>
  );
}
