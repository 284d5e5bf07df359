import { Checkbox, NativeSelect, NumberInput, Paper, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import type { Rules } from '../../api/types.js';
import {
  AUTOMOD_RULES,
  CONSEQUENCES,
  hashesOf,
  hashLines,
  initialRule,
  RECORDS,
  type AutomodField,
  type AutomodRule,
  type ImageHash,
} from './automod-fields.js';
import { LinesInput } from './lines-input.jsx';
import { pathOf, valueAt, withValue } from './rules-json.js';

interface FormProps {
  rules: Rules;
  isRoom: boolean;
  onChange(rules: Rules): void;
}

export function AutomodForm({ rules, isRoom, onChange }: FormProps) {
  return (
    <Stack gap="md">
      {AUTOMOD_RULES.filter(({ isServerOnly }) => !isRoom || !isServerOnly).map((rule) => (
        <RuleCard
          key={rule.name}
          rule={rule}
          value={rules[rule.name] as Rules | null | undefined}
          isRoom={isRoom}
          onChange={(value) => onChange(withValue(rules, [rule.name], value))}
        />
      ))}
    </Stack>
  );
}

interface RuleCardProps {
  rule: AutomodRule;
  /** Undefined: nothing said; null: off in this room. */
  value: Rules | null | undefined;
  isRoom: boolean;
  onChange(value: Rules | null | undefined): void;
}

function RuleCard({ rule, value, isRoom, onChange }: RuleCardProps) {
  const { label, about, fields, hasNoConsequences } = rule;
  return (
    <Paper withBorder p="md" radius="md" component="section" aria-label={label} className="rule">
      <div className="rule-head">
        <div>
          <Text fw={600}>{label}</Text>
          <Text size="sm" c="dimmed">
            {about}
          </Text>
        </div>
        <RuleSwitch rule={rule} value={value} isRoom={isRoom} onChange={onChange} />
      </div>
      {value && (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} mt="md" className="rule-fields">
            {fields.map((field) => (
              <FieldInput key={field.path} field={field} rule={value} onChange={onChange} />
            ))}
          </SimpleGrid>
          <Consequences rule={value} isShort={hasNoConsequences ?? false} onChange={onChange} />
        </>
      )}
    </Paper>
  );
}

function RuleSwitch({ rule, value, isRoom, onChange }: RuleCardProps) {
  if (!isRoom)
    return (
      <Switch
        label={<span className="visually-hidden">{rule.label}</span>}
        checked={value !== undefined}
        onChange={(event) => onChange(event.currentTarget.checked ? initialRule(rule) : undefined)}
      />
    );
  return (
    <NativeSelect
      aria-label={rule.label}
      value={value === undefined ? 'server' : value === null ? 'off' : 'own'}
      onChange={(event) => {
        const { value: choice } = event.currentTarget;
        onChange(choice === 'server' ? undefined : choice === 'off' ? null : initialRule(rule));
      }}
      data={[
        { value: 'server', label: 'As the server' },
        { value: 'own', label: 'Its own rule' },
        { value: 'off', label: 'Off in this room' },
      ]}
    />
  );
}

interface FieldProps {
  rule: Rules;
  onChange(value: Rules): void;
}

function FieldInput({ field, rule, onChange }: FieldProps & { field: AutomodField }) {
  const path = pathOf(field.path);
  const value = valueAt(rule, path);
  const set = (changed: unknown): void => onChange(withValue(rule, path, changed));
  switch (field.kind) {
    case 'number':
      return (
        <NumberInput
          label={field.label}
          value={typeof value === 'number' ? value : ''}
          onChange={(number) => set(typeof number === 'number' ? number : undefined)}
          min={field.min}
          max={field.max}
          suffix={field.unit && ` ${field.unit}`}
          allowDecimal={false}
        />
      );
    case 'yes':
      return (
        <Checkbox
          label={field.label}
          checked={value === true}
          onChange={(event) => set(event.currentTarget.checked ? true : undefined)}
        />
      );
    case 'choice':
      return (
        <NativeSelect
          label={field.label}
          value={(value as string | undefined) ?? ''}
          onChange={(event) => set(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
          data={[{ value: '', label: 'As usual' }, ...field.options]}
        />
      );
    case 'lines':
      return (
        <LinesInput
          label={field.label}
          description={field.hint}
          value={(value as string[] | undefined) ?? []}
          onChange={(lines) => set(lines.length === 0 ? undefined : lines)}
          rows={3}
        />
      );
    case 'hashes':
      return (
        <LinesInput
          label={field.label}
          description="One per line: the hash, and a note."
          value={hashLines((value as ImageHash[] | undefined) ?? [])}
          onChange={(lines) => set(hashesOf(lines))}
          rows={3}
        />
      );
  }
}

function Consequences({ rule, isShort, onChange }: FieldProps & { isShort: boolean }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} mt="md" className="rule-fields">
      {!isShort &&
        CONSEQUENCES.map((field) => (
          <FieldInput key={field.path} field={field} rule={rule} onChange={onChange} />
        ))}
      <Stack gap="xs" justify="flex-end">
        {RECORDS.map((field) => (
          <FieldInput key={field.path} field={field} rule={rule} onChange={onChange} />
        ))}
      </Stack>
    </SimpleGrid>
  );
}
