import { Tabs } from '@mantine/core';
import { useLocation } from 'wouter';
import { PageHead } from '../../parts/page-head.jsx';
import { RulesEditor } from './rules-editor.jsx';

export function ServerRulesPage({ tab = 'filters' }: { tab: string | undefined }) {
  const [, navigate] = useLocation();
  return (
    <>
      <PageHead title="Server rules" note="They hold in every room that does not say otherwise." />
      <Tabs
        value={tab}
        onChange={(value) => navigate(value === 'filters' ? '/rules' : `/rules/${value}`)}
        keepMounted={false}
        className="page-tabs"
      >
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
