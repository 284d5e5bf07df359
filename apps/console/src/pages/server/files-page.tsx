import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { readFileUsage } from '../../api/records.js';
import type { FileUsage } from '../../api/record-types.js';
import { Card } from '../../parts/card.jsx';
import { DataTable, type Column } from '../../parts/data-table.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { Person } from '../../parts/person.jsx';
import { ShareBar } from '../../parts/share-bar.jsx';
import { bytesText, counted } from '../../parts/shown.js';
import { EmptyState, Loaded } from '../../parts/states.jsx';

export function FilesPage() {
  const query = useQuery({ queryKey: ['files', 'usage'], queryFn: readFileUsage });
  return (
    <>
      <PageHead title="Files" note="What takes the space. Single files are listed in their rooms." />
      <Loaded query={query}>{(usage) => <Usage usage={usage} />}</Loaded>
    </>
  );
}

function Usage({ usage: { files, bytes: total, rooms, uploaders } }: { usage: FileUsage }) {
  return (
    <Stack gap="lg">
      <Card title="By room" note={`${counted(files, 'file', 'files')}, ${bytesText(total)} in all`} isFlush>
        {rooms.length === 0 ? (
          <EmptyState title="No files">Nothing was uploaded yet.</EmptyState>
        ) : (
          <DataTable
            label="Files by room"
            items={rooms}
            columns={[ROOM, ...numbers(total)]}
            keyOf={({ room }) => room ?? ''}
          />
        )}
      </Card>
      <Card title="By uploader" isFlush>
        {uploaders.length === 0 ? (
          <EmptyState title="Nobody" />
        ) : (
          <DataTable
            label="Files by uploader"
            items={uploaders}
            columns={[UPLOADER, ...numbers(total)]}
            keyOf={({ sessionId }) => sessionId}
          />
        )}
      </Card>
    </Stack>
  );
}

const ROOM: Column<FileUsage['rooms'][number]> = {
  header: 'Room',
  cell: ({ room }) =>
    room === undefined ? (
      'Deleted rooms'
    ) : (
      <Link href={`/rooms/${room}/files`} className="row-link">
        {room}
      </Link>
    ),
};
const UPLOADER: Column<FileUsage['uploaders'][number]> = {
  header: 'Uploader',
  cell: ({ sessionId }) => <Person sessionId={sessionId} />,
};

const numbers = (total: number): Column<{ files: number; bytes: number }>[] => [
  { header: 'Files', isNumeric: true, cell: ({ files }) => files.toLocaleString('en') },
  { header: 'Size', isNumeric: true, cell: ({ bytes }) => bytesText(bytes) },
  { header: 'Share', cell: ({ bytes }) => <ShareBar share={total === 0 ? 0 : bytes / total} /> },
];
