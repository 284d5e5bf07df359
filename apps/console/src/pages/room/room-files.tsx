import { Badge, Button, Group } from '@mantine/core';
import { deleteFile, listFiles, readFile } from '../../api/records.js';
import type { FileEntry } from '../../api/record-types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { ConfirmButton } from '../../parts/confirm-button.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { PersonLink } from '../../parts/person.jsx';
import { saveBlob } from '../../parts/save-blob.js';
import { bytesText } from '../../parts/shown.js';
import { EmptyState } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';
import { useMay } from '../../session/session.js';

export function RoomFiles({ room }: { room: string }) {
  const may = useMay();
  return (
    <Card isFlush>
      <PagedTable
        label="Files"
        queryKey={['files', room]}
        load={(cursor) => listFiles(room, { cursor })}
        columns={[...COLUMNS, actionsColumn(room, may('moderator', room))]}
        keyOf={({ id }) => id}
        empty={
          <EmptyState title="No files">Files that are uploaded to this room are listed here.</EmptyState>
        }
      />
    </Card>
  );
}

const COLUMNS: readonly Column<FileEntry>[] = [
  {
    header: 'File',
    cell: ({ id, name, isRoomImage }) => <FileName id={id} name={name} isRoomImage={isRoomImage} />,
  },
  { header: 'Size', isNumeric: true, cell: ({ size }) => bytesText(size) },
  {
    header: 'By',
    cell: ({ uploader }) => (uploader === undefined ? '–' : <PersonLink sessionId={uploader} />),
  },
  { header: 'Uploaded', cell: ({ uploadedAt }) => <Time at={uploadedAt} /> },
  { header: 'Expires', cell: ({ expiresAt }) => <Time at={expiresAt} none="never" /> },
];

function FileName({ id, name, isRoomImage }: Pick<FileEntry, 'id' | 'name' | 'isRoomImage'>) {
  return (
    <>
      <bdi className="wrap-anywhere">{name ?? `File ${id}`}</bdi>{' '}
      {isRoomImage && <Badge>Image of the room</Badge>}
    </>
  );
}

const actionsColumn = (room: string, canDelete: boolean): Column<FileEntry> => ({
  header: 'Actions',
  isActions: true,
  cell: (file) => <FileActions room={room} file={file} canDelete={canDelete} />,
});

function FileActions({
  room,
  file: { id, name, isRoomImage },
  canDelete,
}: {
  room: string;
  file: FileEntry;
  canDelete: boolean;
}) {
  const what = name ?? `File ${id}`;
  const download = useAction<void>({
    run: async () => saveBlob(await readFile(room, id), what),
    changes: [],
  });
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end">
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="download" size={16} />}
        aria-label={`Download: ${what}`}
        onClick={() => download.mutate()}
        loading={download.isPending}
      >
        Download
      </Button>
      {canDelete && !isRoomImage && (
        <ConfirmButton
          label="Delete"
          about={what}
          title="Delete this file?"
          run={() => deleteFile(room, id)}
          done="The file was deleted"
          changes={[['files']]}
        >
          <bdi className="wrap-anywhere">{what}</bdi> is gone for everybody; the message around it stays.
        </ConfirmButton>
      )}
    </Group>
  );
}
