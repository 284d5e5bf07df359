import { Text } from '@mantine/core';
import { useState } from 'react';
import { ban, mute } from '../../api/people.js';
import { tell } from '../../parts/action.js';
import { useConfirmedAction } from '../../parts/confirmed-action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { endOf } from '../../parts/lasting.jsx';
import { shortId } from '../../parts/shown.js';
import { SummaryList } from '../../parts/summary-list.jsx';
import { useMay } from '../../session/session.js';
import { SanctionFields } from './sanction-fields.jsx';
import { placesFor, roomOf, type Sanction } from './sanctions.js';
import { StandingSanctions, useSanctions } from './standing-sanctions.jsx';

interface BanDialogProps {
  kind: 'ban' | 'mute';
  sessionId: string;
  /** Where one is: suggested. Without it and other rooms only the whole server is meant. */
  room?: string;
  /** Others that can be chosen. */
  rooms?: readonly string[];
  onClose(): void;
}

export function BanDialog({ kind, sessionId, room, rooms = [], onClose }: BanDialogProps) {
  const may = useMay();
  const places = placesFor(kind, room === undefined ? rooms : [room, ...rooms], may);
  const [sanction, setSanction] = useState<Sanction>({
    place: room ?? (places.length === 1 ? places[0]! : ''),
    lasting: undefined,
    reason: '',
    deletesPosts: false,
  });
  const { place, lasting } = sanction;
  const isBan = kind === 'ban';
  const known = useSanctions(sessionId);
  const { act, isBusy, error, asked, drop } = useConfirmedAction({
    run: (confirmationToken) => impose(kind, sessionId, sanction, confirmationToken),
    changes: [['bans'], ['members'], ['user'], ['users'], ['messages']],
    onDone: () => {
      tell(`${shortId(sessionId)} was ${isBan ? 'banned' : 'muted'}`);
      onClose();
    },
  });
  const dialog = { isOpen: true, onSubmit: act, isDanger: true, isBusy, error };
  if (asked)
    return (
      <FormDialog {...dialog} title="Ban, and delete all posts?" onClose={drop} submit="Ban and delete all">
        <SummaryList summary={asked.summary} />
      </FormDialog>
    );
  return (
    <FormDialog
      {...dialog}
      title={isBan ? 'Ban somebody' : 'Mute somebody'}
      onClose={onClose}
      submit={isBan ? 'Ban' : 'Mute'}
      isReady={place !== '' && lasting !== '' && !known.isPending}
    >
      <Text>
        <code className="wrap-anywhere">{shortId(sessionId)}</code>{' '}
        {isBan ? 'will neither read nor write.' : 'will read along and not write.'}
      </Text>
      <SanctionFields isBan={isBan} places={places} sanction={sanction} onChange={setSanction} />
      {place !== '' && (
        <StandingSanctions known={known} wanted={{ kind, room: roomOf(place), until: endOf(lasting) }} />
      )}
    </FormDialog>
  );
}

function impose(
  kind: 'ban' | 'mute',
  sessionId: string,
  { place, lasting, reason, deletesPosts }: Sanction,
  confirmationToken: string | undefined,
): Promise<void> {
  const until = endOf(lasting);
  const room = roomOf(place);
  const wish = {
    sessionId,
    ...(room !== undefined && { room }),
    ...(until && { until }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
  if (kind === 'mute') return mute(wish);
  return ban({ ...wish, ...(deletesPosts && { deletePosts: true }) }, confirmationToken);
}
