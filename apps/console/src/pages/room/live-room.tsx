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

/** A room as it happens: the newest messages at the bottom, and everything a moderator does with them. */
export function LiveRoom({ room }: { room: string }) {
  const may = useMay();
  const [search, setSearch] = useState<Search>(NO_SEARCH);
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
            if (isSearching) setSearch(NO_SEARCH);
            searching.toggle();
          }}
        >
          {isSearching ? 'End the search' : 'Search'}
        </Button>
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
      {isSearching && <MessageSearch onSearch={setSearch} />}
      <MessageFeed key={JSON.stringify(search)} room={room} search={search} />
      <AnnounceDialog room={room} isOpen={isAnnouncing} onClose={announcing.close} />
    </Card>
  );
}
