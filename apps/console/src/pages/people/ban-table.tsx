import { Badge } from '@mantine/core';
import { Link } from 'wouter';
import { liftBan, liftMute } from '../../api/people.js';
import type { Ban } from '../../api/types.js';
import { ConfirmButton } from '../../parts/confirm-button.jsx';
import { DataTable, type Column } from '../../parts/data-table.jsx';
import { Person } from '../../parts/person.jsx';
import { shortId } from '../../parts/shown.js';
import { EndTime, Time } from '../../parts/time.jsx';
import { useMay } from '../../session/session.js';
import { Imposer } from './imposer.jsx';

export function BanTable({ bans, hidesPerson }: { bans: readonly Ban[]; hidesPerson?: boolean }) {
  const columns = hidesPerson ? BAN_COLUMNS.slice(1) : BAN_COLUMNS;
  return (
    <DataTable
      label="Bans and mutes"
      items={bans}
      columns={columns}
      keyOf={({ id, kind }) => `${kind}-${id}`}
    />
  );
}

export const BAN_COLUMNS: readonly Column<Ban>[] = [
  { header: 'Person', cell: ({ sessionId }) => <Person sessionId={sessionId} /> },
  {
    header: 'What',
    cell: ({ kind }) =>
      kind === 'mute' ? <Badge color="yellow">Mute</Badge> : <Badge color="red">Ban</Badge>,
  },
  {
    header: 'Where',
    cell: ({ room }) =>
      room === undefined ? (
        'Everywhere'
      ) : (
        <Link href={`/rooms/${room}`} className="row-link">
          {room}
        </Link>
      ),
  },
  { header: 'Reason', cell: ({ reason }) => <bdi className="wrap-anywhere">{reason ?? '–'}</bdi> },
  { header: 'Since', cell: ({ since }) => <Time at={since} /> },
  { header: 'By', cell: ({ by, via }) => <Imposer by={by} via={via} /> },
  { header: 'Ends', cell: ({ until }) => <EndTime at={until} /> },
  { header: 'Actions', isActions: true, cell: (ban) => <LiftButton ban={ban} /> },
];

function LiftButton({ ban: { id, kind, sessionId, room } }: { ban: Ban }) {
  const may = useMay();
  if (!may('moderator', room)) return null;
  const isMute = kind === 'mute';
  return (
    <ConfirmButton
      label="Lift"
      about={shortId(sessionId)}
      title={isMute ? 'Lift this mute?' : 'Lift this ban?'}
      run={() => (isMute ? liftMute(id) : liftBan(id))}
      done={`${shortId(sessionId)} ${isMute ? 'may write again' : 'may come back'}`}
      changes={[['bans'], ['members'], ['user'], ['users']]}
    >
      {isMute ? 'This person may write again.' : 'This person may read and write again.'}
    </ConfirmButton>
  );
}
