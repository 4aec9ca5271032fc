import '../../i18n/sources';

import { Tabs } from '@mantine/core';
import { IconFileUpload, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { LinkButton } from '../../ui/links';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { HealthStrip } from './HealthStrip';
import { Inbox } from './Inbox';
import { Relays } from './Relays';
import { SourceList } from './SourceList';

const route = getRouteApi('/sources');

export function SourcesPage() {
  const { t } = useTranslation(['translation', 'sources']);
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.sources')}>
        <LinkButton to="/sources/uploads" size="xs" variant="default" leftSection={<IconFileUpload size={15} />}>
          {t('sources:uploads')}
        </LinkButton>
        <LinkButton to="/sources/enrolments" size="xs" variant="default" leftSection={<IconPlugConnected size={15} />}>
          {t('sources:enrolments')}
        </LinkButton>
        {may('enrol.manage') && (
          <LinkButton to="/sources/connect" size="xs" leftSection={<IconPlus size={15} />}>
            {t('sources:connect')}
          </LinkButton>
        )}
      </PageHeader>
      <HealthStrip />
      <Tabs
        value={tab ?? 'list'}
        onChange={(value) => void navigate({ search: value === 'unparsed' || value === 'relays' ? { tab: value } : {} })}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          <Tabs.Tab value="list">{t('sources:tab')}</Tabs.Tab>
          <Tabs.Tab value="relays">{t('sources:relay.tab')}</Tabs.Tab>
          <Tabs.Tab value="unparsed">{t('sources:inbox.tab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="list">
          <SourceList />
        </Tabs.Panel>
        <Tabs.Panel value="relays">
          <Relays />
        </Tabs.Panel>
        <Tabs.Panel value="unparsed" className="la-card">
          <Inbox />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
