import { Menu } from '@mantine/core';
import { Icon } from '../../parts/icon.jsx';

interface SanctionItemsProps {
  /** As in "Ban the author …"; left out where the menu is about a person. */
  whom?: string;
  onAsk(kind: 'mute' | 'ban'): void;
}

/** The end of a menu about somebody. */
export function SanctionItems({ whom, onAsk }: SanctionItemsProps) {
  const object = whom === undefined ? '' : ` ${whom}`;
  return (
    <>
      <Menu.Divider />
      <Menu.Item leftSection={<Icon name="mute" />} onClick={() => onAsk('mute')}>
        {`Mute${object} …`}
      </Menu.Item>
      <Menu.Item
        leftSection={<Icon name="ban" />}
        c="var(--mantine-color-error)"
        onClick={() => onAsk('ban')}
      >
        {`Ban${object} …`}
      </Menu.Item>
    </>
  );
}
