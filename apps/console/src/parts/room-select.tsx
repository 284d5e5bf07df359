import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listRooms } from '../api/rooms.js';
import { useSettled } from './settled.js';

interface RoomSelectProps {
  label: string;
  /** The label is for screen readers alone. */
  isLabelHidden?: boolean;
  /** What no choice means. */
  placeholder: string;
  /** A token; empty for no choice. */
  value: string;
  onChange(room: string): void;
  isClearable?: boolean;
}

/** The first rooms in which this occurs. */
export const useRooms = (search: string) =>
  useQuery({
    queryKey: ['rooms', 'choice', search],
    queryFn: () => listRooms({ search }),
    placeholderData: keepPreviousData,
  });

/** One of however many rooms there are: the server looks for what is typed. */
export function RoomSelect(props: RoomSelectProps) {
  const { label, isLabelHidden, placeholder, value, onChange, isClearable = false } = props;
  const [typed, setTyped] = useState('');
  const { data, isFetching } = useRooms(useSettled(typed));
  const found = (data?.items ?? []).map(({ token, name }) => ({ value: token, label: `${name} (${token})` }));
  const more = { value: '…', label: 'Type to find others', disabled: true };
  return (
    <Select
      label={isLabelHidden ? undefined : label}
      aria-label={isLabelHidden ? label : undefined}
      placeholder={placeholder}
      data={data?.nextCursor === undefined ? found : [...found, more]}
      value={value === '' ? null : value}
      onChange={(token) => onChange(token ?? '')}
      searchable
      // The server has looked already.
      filter={({ options }) => options}
      // Hears of typing alone; the text is also set by choosing.
      onInput={(event) => setTyped(event.currentTarget.value)}
      onDropdownClose={() => setTyped('')}
      nothingFoundMessage={isFetching ? 'Looking …' : 'No such room'}
      clearable={isClearable}
      allowDeselect={isClearable}
      clearButtonProps={{ 'aria-label': `Clear: ${label}` }}
    />
  );
}
