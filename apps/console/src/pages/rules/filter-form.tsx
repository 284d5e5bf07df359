import { Fieldset, MultiSelect, SimpleGrid, Stack } from '@mantine/core';
import type { Rules } from '../../api/types.js';
import { wordsOf } from '../../parts/shown.js';
import { YesNo } from '../../parts/yes-no.jsx';
import { ReplyFields } from './reply-fields.jsx';
import { LinesInput } from './lines-input.jsx';
import { ALPHABETS, FILTER_FIELDS, type Reply } from './filter-choices.js';
import { pathOf, valueAt, withValue } from './rules-json.js';

interface FormProps {
  rules: Rules;
  isRoom: boolean;
  onChange(rules: Rules): void;
}

export function FilterForm({ rules, isRoom, onChange }: FormProps) {
  const at = (path: string): unknown => valueAt(rules, pathOf(path));
  const set = (path: string, value: unknown): void => onChange(withValue(rules, pathOf(path), value));
  const yesNo = (path: keyof typeof FILTER_FIELDS, otherwise: string, description?: string) => (
    <YesNo
      label={FILTER_FIELDS[path][1]}
      description={description}
      unset={isRoom ? 'As the server' : otherwise}
      value={at(path) as boolean | undefined}
      onChange={(value) => set(path, value)}
    />
  );
  return (
    <Stack gap="lg">
      <Fieldset legend="Words" radius="md">
        <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} mb="md" className="rule-fields">
          {yesNo('profanity.enabled', 'No (default)')}
          {yesNo('profanity.silent', 'Yes (default)', 'The author notices nothing.')}
          {yesNo('profanity.builtIn', 'Yes (default)')}
          {isRoom && (
            <YesNo
              label={FILTER_FIELDS['profanity.inheritWords'][1]}
              unset="Yes (default)"
              value={at('profanity.inheritWords') as boolean | undefined}
              onChange={(value) => set('profanity.inheritWords', value)}
            />
          )}
        </SimpleGrid>
        <LinesInput
          label={isRoom ? 'Words of this room' : FILTER_FIELDS['profanity.words'][1]}
          description="One per line. word* and *word match beginnings and ends; !word is an exception."
          value={(at('profanity.words') as string[] | undefined) ?? []}
          onChange={(words) => set('profanity.words', words.length === 0 ? undefined : words)}
        />
      </Fieldset>
      <Fieldset legend="Alphabets" radius="md">
        <SimpleGrid cols={{ base: 1, xs: 2 }} className="rule-fields">
          <MultiSelect
            label={FILTER_FIELDS['alphabets.names'][1]}
            placeholder={isRoom && at('alphabets.names') === undefined ? 'As the server' : undefined}
            data={ALPHABETS.map((value) => ({ value, label: wordsOf(value) }))}
            value={(at('alphabets.names') as string[] | undefined) ?? []}
            onChange={(names) => set('alphabets.names', names.length === 0 ? undefined : names)}
            searchable
          />
          {yesNo('alphabets.silent', 'Yes (default)')}
        </SimpleGrid>
      </Fieldset>
      <Fieldset legend="Moderators" radius="md">
        {yesNo('filterModerators', 'No (default)')}
      </Fieldset>
      <ReplyFields
        replies={(rules['replies'] as Reply[] | undefined) ?? []}
        onChange={(replies) => set('replies', replies.length === 0 ? undefined : replies)}
      />
    </Stack>
  );
}
