import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { LastingInput } from '../../parts/lasting.jsx';
import { EVERYWHERE, type Sanction } from './sanctions.js';

interface SanctionFieldsProps {
  isBan: boolean;
  /** To choose from; a single one is no choice. */
  places: readonly string[];
  sanction: Sanction;
  onChange(sanction: Sanction): void;
}

export function SanctionFields({ isBan, places, sanction, onChange }: SanctionFieldsProps) {
  const { place, lasting, reason, deletesPosts } = sanction;
  const change = (part: Partial<Sanction>): void => onChange({ ...sanction, ...part });
  return (
    <>
      {places.length > 1 && (
        <NativeSelect
          label="Where"
          value={place}
          onChange={(event) => change({ place: event.currentTarget.value })}
          data={[
            ...(place === '' ? [{ value: '', label: 'Choose where' }] : []),
            ...places.map((value) => ({
              value,
              label: value === EVERYWHERE ? 'In all rooms of this server' : `In ${value}`,
            })),
          ]}
          required
        />
      )}
      <LastingInput label="For how long" value={lasting} onChange={(value) => change({ lasting: value })} />
      <TextInput
        label="Reason"
        description="For other moderators; the person does not see it."
        value={reason}
        onChange={(event) => change({ reason: event.currentTarget.value })}
        maxLength={200}
      />
      {isBan && (
        <Checkbox
          label={
            place === EVERYWHERE ? 'Delete all their posts, too' : 'Delete their posts in this room, too'
          }
          checked={deletesPosts}
          onChange={(event) => change({ deletesPosts: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
