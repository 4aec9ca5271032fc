import '../../i18n/notifications';
import '@mantine/core/styles/Tabs.css';

import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { PageHeader } from '../../ui/PageHeader';
import { ChannelsTab } from './ChannelsTab';
import { InboxTab } from './InboxTab';
import { LogTab } from './LogTab';
import { PlansTab } from './PlansTab';
import { PreferencesTab } from './PreferencesTab';
import { RulesTab } from './RulesTab';

const route = getRouteApi('/notifications');

const tabs = { inbox: InboxTab, mine: PreferencesTab, log: LogTab, rules: RulesTab, plans: PlansTab, channels: ChannelsTab } as const;
type Tab = keyof typeof tabs;
const own: readonly Tab[] = ['inbox', 'mine'];

export function NotificationsPage() {
  const { t } = useTranslation('notifications');
  const may = useMay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const shown = (Object.keys(tabs) as Tab[]).filter((tab) => own.includes(tab) || may('notification.read'));
  const tab = shown.find((x) => x === search.tab) ?? 'inbox';
  const Content = tabs[tab];
  return (
    <>
      <PageHeader title={t('title')} />
      <Tabs value={tab} onChange={(value) => void navigate({ search: value === 'inbox' ? {} : { tab: value ?? undefined } })} keepMounted={false}>
        <Tabs.List mb="sm">
          {shown.map((x) => (
            <Tabs.Tab key={x} value={x}>
              {t(`tab.${x}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Content />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
