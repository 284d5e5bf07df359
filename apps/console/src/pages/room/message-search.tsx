import { Button, Group, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { NO_SEARCH, type Search } from './search.js';

export function MessageSearch({ onSearch }: { onSearch(search: Search): void }) {
  const [search, setSearch] = useState(NO_SEARCH);
  const field = (key: keyof Search) => ({
    value: search[key],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const { value } = event.currentTarget;
      setSearch((before) => ({ ...before, [key]: value }));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(search);
  };
  return (
    <form onSubmit={submit} role="search" className="feed-search">
      <Group align="flex-end" gap="sm">
        <TextInput label="Text" {...field('text')} data-autofocus flex="2 1 12rem" />
        <TextInput
          label="Author"
          placeholder="Session ID"
          {...field('author')}
          spellCheck={false}
          flex="1 1 10rem"
        />
        <TextInput label="From" type="datetime-local" {...field('from')} flex="1 1 12rem" />
        <TextInput label="To" type="datetime-local" {...field('to')} flex="1 1 12rem" />
        <Button type="submit">Search</Button>
      </Group>
    </form>
  );
}
