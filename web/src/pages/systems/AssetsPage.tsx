import '../../i18n/systems';

import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { SavedViews } from '../../kit/SavedViews';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { AssetList } from './AssetList';
import { EndingsTab } from './EndingsTab';
import { UndeclaredTab } from './UndeclaredTab';

const route = getRouteApi('/assets');
const tabs = ['list', 'undeclared', 'endings'] as const;

/** The inventory, the hosts nobody declared, and what ends. */
export function AssetsPage() {
  const { t } = useTranslation(['translation', 'systems']);
  const { tab = 'list', unit, ...params } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.assets')}>
        {tab === 'list' && <SavedViews page="assets" search={{ q: params.q, kind: params.kind, mark: params.mark, unit }} onOpen={(next) => void navigate({ search: next })} />}
      </PageHeader>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((name) => name === value);
          void navigate({ search: (old) => ({ unit: old.unit, ...(next !== 'list' && next && { tab: next }) }) });
        }}
      >
        <Tabs.List mb="sm">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`systems:assetTab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="list">
          <AssetList params={params} unit={unit} onParams={(change) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })} />
        </Tabs.Panel>
        <Tabs.Panel value="undeclared">
          <UndeclaredTab unit={unit} />
        </Tabs.Panel>
        <Tabs.Panel value="endings">
          <EndingsTab unit={unit} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
