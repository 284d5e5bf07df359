import { Tabs } from '@mantine/core';
import { PageHead } from '../../parts/page-head.jsx';
import { RulesEditor } from './rules-editor.jsx';

export function ServerRulesPage() {
  return (
    <>
      <PageHead title="Server rules" note="They hold in every room that does not say otherwise." />
      <Tabs defaultValue="filters" keepMounted={false} className="page-tabs">
        <Tabs.List aria-label="Kinds of rules">
          <Tabs.Tab value="filters">Filters</Tabs.Tab>
          <Tabs.Tab value="automod">Automod</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="filters">
          <RulesEditor kind="filters" />
        </Tabs.Panel>
        <Tabs.Panel value="automod">
          <RulesEditor kind="automod" />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
